namespace EmailIngestion.DevServers;

internal sealed record DovecotProcessOptions
{
    /// <summary>A limit that no test reaches.</summary>
    public const int AnyNumber = 10_000;

    /// <summary>
    /// The folder of mail, users and certificates; null for a temporary folder, which dispose removes. Under root, every user must have
    /// access to its parents, because an unprivileged user stores the mail.
    /// </summary>
    public string? DataFolder { get; init; }

    /// <summary>The IMAP port on 127.0.0.1, plain text with STARTTLS; 0 for a free port.</summary>
    public int Port { get; init; }

    /// <summary>The IMAPS port on 127.0.0.1, implicit TLS; 0 for a free port.</summary>
    public int TlsPort { get; init; }

    /// <summary>The most connections of one user from one address.</summary>
    public int MaxConnections { get; init; } = AnyNumber;

    /// <summary>
    /// The prefix of every folder but INBOX, with the delimiter at its end, such as <c>INBOX.</c>; empty for none.
    /// </summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether folders have access control lists (RFC 4314), which clients change by SETACL.</summary>
    public bool HasAccessLists { get; init; }

    /// <summary>
    /// The address that says whether an access token is valid (RFC 7662), for XOAUTH2 and OAUTHBEARER; null: users log in by password.
    /// </summary>
    public Uri? Introspection { get; init; }
}
