namespace EmailIngestion.Mailboxes;

/// <summary>
/// The mail server or the token endpoint throttles this client. No email is the cause, and the mailbox backs off at once.
/// </summary>
internal sealed class MailboxThrottledException(string message, TimeSpan? backOff, Exception? inner = null)
    : MailboxException(message, inner)
{
    /// <summary>The duration that the server asks for; null when it names none.</summary>
    public TimeSpan? BackOff => backOff;
}
