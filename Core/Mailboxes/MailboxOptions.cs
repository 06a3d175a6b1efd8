using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Mailboxes;

/// <summary>One item of section <c>Mailboxes</c>: one account and folder.</summary>
public sealed class MailboxOptions
{
    /// <summary>The IMAP server. Default imap.gmail.com.</summary>
    [Required]
    public string Host { get; set; } = "imap.gmail.com";

    /// <summary>Default 993 with <c>Tls</c>, else 143.</summary>
    [Range(1, 65_535)]
    public int? Port { get; set; }

    /// <summary>How the connection is protected: <c>Tls</c> (default), <c>StartTls</c>, or <c>None</c> for a server on this machine.</summary>
    [EnumDataType(typeof(MailboxSecurity), ErrorMessage = "it must be Tls, StartTls or None.")]
    public MailboxSecurity Security { get; set; } = MailboxSecurity.Tls;

    /// <summary>A file of certificates (PEM) that are trusted besides the system's, for a server with an authority of its own.</summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>The login name. The guide's <c>--username</c>.</summary>
    [Required]
    public string Username { get; set; } = "";

    /// <summary>The password; of a Gmail account, an app password.</summary>
    [Required]
    public string Password { get; set; } = "";

    /// <summary>
    /// The mechanism to log in by: <c>PLAIN</c>, <c>LOGIN</c>, <c>SCRAM-SHA-512</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-1</c>,
    /// <c>DIGEST-MD5</c>, <c>CRAM-MD5</c> or <c>NTLM</c>. Default: one after another of what the server offers, PLAIN first under TLS or on this
    /// machine, else the strongest first.
    /// </summary>
    public string? SaslMechanism { get; set; }

    /// <summary>The folder as people write it: <c>INBOX</c> (default), <c>Sent Mail</c>, <c>[Gmail]/All Mail</c>. The guide's <c>--mailbox</c>.</summary>
    [Required]
    public string Folder { get; set; } = "INBOX";

    /// <summary>
    /// The account's lasting name. With the folder it is the mailbox's identity, in cursors and in the ids of emails: keep it when the
    /// server or the login name changes. Default: the login name, with <c>@host</c> added when it has no @.
    /// </summary>
    public string? Account { get; set; }

    /// <summary>Where a mailbox without a cursor starts: <c>now</c> (default), <c>all</c>, or a date as <c>yyyy-MM-dd</c>.</summary>
    [Required]
    [RegularExpression(@"now|all|\d{4}-\d{2}-\d{2}", ErrorMessage = "it must be now, all, or a date as yyyy-MM-dd.")]
    public string StartFrom { get; set; } = "now";

    /// <summary>The partition that its emails go to. Default: the one unnamed partition.</summary>
    public string Partition { get; set; } = "";

    internal int EffectivePort => Port ?? (Security == MailboxSecurity.Tls ? 993 : 143);

    internal string EffectiveAccount =>
        !string.IsNullOrEmpty(Account) ? Account : Username.Contains('@', StringComparison.Ordinal) ? Username : $"{Username}@{Host}";

    /// <summary>The folder's name; INBOX in capitals, since for it alone case does not matter.</summary>
    internal string EffectiveFolder => Folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? "INBOX" : Folder;

    /// <summary>The mailbox's name, its identity.</summary>
    internal string Name => $"{EffectiveAccount}/{EffectiveFolder}";
}

/// <summary>How a connection to a mail server is protected.</summary>
public enum MailboxSecurity
{
    /// <summary>TLS from the first byte (port 993).</summary>
    Tls,

    /// <summary>TLS by STARTTLS, refused when the server has none (port 143).</summary>
    StartTls,

    /// <summary>None: for a server on this machine.</summary>
    None,
}
