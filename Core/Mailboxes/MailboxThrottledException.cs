namespace EmailIngestion.Mailboxes;

/// <summary>The server has had enough of us for now. No message is to blame, and the mailbox is left alone at once.</summary>
internal sealed class MailboxThrottledException(string message, TimeSpan? backOff, Exception inner) : MailboxException(message, inner)
{
    /// <summary>For how long, as the server says; null when it does not.</summary>
    public TimeSpan? BackOff => backOff;
}
