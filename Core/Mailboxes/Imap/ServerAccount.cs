namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// An account, as a mail server counts its connections. It has no port: a server counts the connections of 143 and 993 together.
/// </summary>
/// <param name="Host">The host in lower case.</param>
/// <param name="Username">The login name in lower case.</param>
internal readonly record struct ServerAccount(string Host, string Username)
{
    public static ServerAccount Of(MailboxOptions mailbox) => new(mailbox.Host.ToLowerInvariant(), mailbox.Username.ToLowerInvariant());
}
