namespace EmailIngestion.Mailboxes.Imap;

/// <summary>All that makes a connection: two mailboxes share one only where every part is the same.</summary>
internal sealed record ServerLogin(
    ServerAccount Account,
    int Port,
    MailboxSecurity Security,
    string? CertificateAuthority,
    string Username,
    string Password,
    string? SaslMechanism)
{
    public static ServerLogin Of(MailboxOptions mailbox) => new(
        ServerAccount.Of(mailbox),
        mailbox.EffectivePort,
        mailbox.Security,
        mailbox.CertificateAuthority,
        mailbox.Username,
        mailbox.Password,
        mailbox.SaslMechanism?.ToUpperInvariant());

    // The password is no part of any text.
    public override string ToString() => $"{Account.Host}:{Port}";
}
