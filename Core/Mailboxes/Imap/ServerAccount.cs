namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// An account as a mail server counts its connections. The port does not belong to it: a server counts those of 143 and 993 together.
/// Both are in small letters.
/// </summary>
internal readonly record struct ServerAccount(string Host, string Username)
{
    public static ServerAccount Of(MailboxOptions mailbox) => new(mailbox.Host.ToLowerInvariant(), mailbox.Username.ToLowerInvariant());
}
