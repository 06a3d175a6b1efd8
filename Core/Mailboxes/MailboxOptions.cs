using System.ComponentModel.DataAnnotations;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes;

/// <summary>One item of section <c>Mailboxes</c>: one account and folder.</summary>
public sealed class MailboxOptions
{
    /// <summary>The IMAP server. Default imap.gmail.com.</summary>
    [Required]
    public string Host { get; set; } = "imap.gmail.com";

    /// <summary>The port. Default: 993 with <c>Tls</c>, 143 otherwise.</summary>
    [Range(1, 65_535)]
    public int? Port { get; set; }

    /// <summary>
    /// The protection of the connection: <c>Tls</c> (default), <c>StartTls</c>, or <c>None</c> for a server on this machine.
    /// </summary>
    [EnumDataType(typeof(MailboxSecurity), ErrorMessage = "it must be Tls, StartTls or None.")]
    public MailboxSecurity Security { get; set; } = MailboxSecurity.Tls;

    /// <summary>
    /// A file of certificates (PEM) to trust besides the system's, for a server with a private authority. Default: none.
    /// </summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>The login name. The former system's <c>--username</c>.</summary>
    [Required]
    public string Username { get; set; } = "";

    /// <summary>
    /// How the mailbox signs in: by <c>Password</c> (default), or by an access token of <c>Microsoft</c>, <c>Google</c> or another provider
    /// (<c>OAuth</c>).
    /// </summary>
    [EnumDataType(typeof(MailboxAuthentication), ErrorMessage = "it must be Password, Microsoft, Google or OAuth.")]
    public MailboxAuthentication Authentication { get; set; } = MailboxAuthentication.Password;

    /// <summary>The password; of a Gmail account, an app password.</summary>
    public string Password { get; set; } = "";

    /// <summary>The settings of <c>Authentication</c> <c>Microsoft</c>.</summary>
    public MicrosoftOptions Microsoft
    {
        get;
        set => field = value ?? new();
    } = new();

    /// <summary>The settings of <c>Authentication</c> <c>Google</c>.</summary>
    public GoogleOptions Google
    {
        get;
        set => field = value ?? new();
    } = new();

    /// <summary>The settings of <c>Authentication</c> <c>OAuth</c>.</summary>
    public OAuthOptions OAuth
    {
        get;
        set => field = value ?? new();
    } = new();

    /// <summary>
    /// The login mechanism: <c>PLAIN</c>, <c>LOGIN</c>, <c>SCRAM-SHA-512</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-1</c>, <c>DIGEST-MD5</c>,
    /// <c>CRAM-MD5</c> or <c>NTLM</c>; with an access token <c>XOAUTH2</c> or <c>OAUTHBEARER</c>. Default: the mechanisms that the server
    /// offers, one after another. PLAIN is first under TLS or on this machine; otherwise the strongest is first.
    /// </summary>
    public string? SaslMechanism { get; set; }

    /// <summary>
    /// The folder: <c>INBOX</c> (default), <c>Sent Mail</c>, <c>[Gmail]/All Mail</c>. The former system's <c>--mailbox</c>.
    /// </summary>
    [Required]
    public string Folder { get; set; } = "INBOX";

    /// <summary>
    /// The account's permanent name. With the folder it is the mailbox's identity in cursors and in the IDs of emails. Keep it when the
    /// server or the login name changes. Default: the login name, with <c>@host</c> added when it has no @.
    /// </summary>
    public string? Account { get; set; }

    /// <summary>The start of a mailbox without a cursor: <c>now</c> (default), <c>all</c>, or a date as <c>yyyy-MM-dd</c>.</summary>
    [Required]
    [RegularExpression(@"now|all|\d{4}-\d{2}-\d{2}", ErrorMessage = "it must be now, all, or a date as yyyy-MM-dd.")]
    public string StartFrom { get; set; } = "now";

    /// <summary>
    /// Whether a connection watches the mailbox, so that an email is polled when it arrives. Default: true in Local, false under the
    /// Functions host. <c>Polling:MaxWatched</c> limits the number.
    /// </summary>
    public bool? Watch { get; set; }

    /// <summary>
    /// The bytes of email that the account may download within 24 hours; 0: any number. Polling stops at 90 %. Default:
    /// <c>Polling:DailyDownloadBytes</c>.
    /// </summary>
    [Range(0, 1_000_000_000_000_000)]
    public long? DailyDownloadBytes { get; set; }

    /// <summary>The partition of its emails. Default: the unnamed partition.</summary>
    public string Partition { get; set; } = "";

    /// <summary>
    /// The processors of its emails, as in <c>Processing:Processor</c>: one name, or several with commas. The consumer reads this setting.
    /// Default: <c>Processing:Processor</c>.
    /// </summary>
    public string? Processor { get; set; }

    /// <summary>
    /// The name (authserv-id) under which the receiving server writes Authentication-Results. Only its results are believed. The consumer
    /// reads this setting. Default: none, nothing is believed.
    /// </summary>
    public string? AuthenticationServer { get; set; }

    /// <summary>
    /// What is done to an email in the mailbox once it is completed: <c>Nothing</c> (default), <c>MarkSeen</c>, <c>Flag:keyword</c>,
    /// <c>Move:folder</c> or <c>Delete</c>. All but <c>Nothing</c> need write access.
    /// </summary>
    public string AfterProcessing { get; set; } = nameof(FollowUpKind.Nothing);

    /// <summary>The same for an email that became a dead letter. Default <c>Nothing</c>.</summary>
    public string AfterDeadLetter { get; set; } = nameof(FollowUpKind.Nothing);

    /// <summary>The place of the mailbox in the settings, such as <c>Mailboxes:0</c>; null if it is unknown.</summary>
    internal string? Setting { get; set; }

    /// <summary>The digest of its settings in the file of <c>MAILBOXES_FILE</c>; null if it is not from there.</summary>
    internal string? Digest { get; set; }

    /// <summary>Whether anything is done to emails after their outcome.</summary>
    internal bool HasFollowUps => FollowUp.Of(AfterProcessing) != FollowUp.None || FollowUp.Of(AfterDeadLetter) != FollowUp.None;

    internal bool UsesToken => Authentication != MailboxAuthentication.Password;

    internal int EffectivePort => Port ?? (Security == MailboxSecurity.Tls ? 993 : 143);

    internal string EffectiveAccount =>
        !string.IsNullOrEmpty(Account) ? Account : Username.Contains('@', StringComparison.Ordinal) ? Username : $"{Username}@{Host}";

    /// <summary>The folder's name. INBOX is in capitals, since only its name ignores case (RFC 3501).</summary>
    internal string EffectiveFolder => Folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? "INBOX" : Folder;

    /// <summary>The mailbox's name and identity: account/folder.</summary>
    internal string Name => MailboxName.Of(EffectiveAccount, EffectiveFolder);

    /// <summary>Whether the settings are those of another reading.</summary>
    internal bool IsSame(MailboxOptions other) => ReferenceEquals(this, other) || (Digest is not null && Digest == other.Digest);
}
