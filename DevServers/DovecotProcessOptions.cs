namespace EmailIngestion.DevServers;

internal sealed record DovecotProcessOptions
{
    /// <summary>More connections than anybody makes.</summary>
    public const int AnyNumber = 10_000;

    /// <summary>
    /// Where mail, users and certificates live; null for a new temporary folder that is removed on dispose. For root,
    /// everybody must be allowed to pass through its parents, because mail is kept by an unprivileged user.
    /// </summary>
    public string? DataFolder { get; init; }

    /// <summary>The IMAP port on 127.0.0.1, plain text with STARTTLS; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>The IMAPS port on 127.0.0.1, implicit TLS; 0 for any free one.</summary>
    public int TlsPort { get; init; }

    /// <summary>The connections that it lets one user have from one address.</summary>
    public int MaxConnections { get; init; } = AnyNumber;

    /// <summary>
    /// What stands before the name of every folder but INBOX, with the delimiter at its end: <c>INBOX.</c>; empty: nothing.
    /// </summary>
    public string Prefix { get; init; } = "";
}
