using EmailIngestion.Mailboxes.SignIn;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The settings of a connection. Mailboxes share connections only if all of them are equal.</summary>
internal sealed record ServerLogin(
    ServerAccount Account,
    int Port,
    MailboxSecurity Security,
    string? CertificateAuthority,
    string Username,
    string Password,
    string? SaslMechanism,
    SignInAccount? SignIn)
{
    public static ServerLogin Of(MailboxOptions mailbox) => new(
        ServerAccount.Of(mailbox),
        mailbox.EffectivePort,
        mailbox.Security,
        mailbox.CertificateAuthority,
        mailbox.Username,
        mailbox.Password,
        mailbox.SaslMechanism?.ToUpperInvariant(),
        SignInAccount.Of(mailbox));

    // Keeps the password out of logs and errors.
    public override string ToString() => $"{Account.Host}:{Port}";
}
