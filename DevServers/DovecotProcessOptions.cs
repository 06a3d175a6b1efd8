namespace EmailIngestion.DevServers;

internal sealed record DovecotProcessOptions
{
    /// <summary>
    /// Where mail, users and certificates live; null for a new temporary folder that is removed on dispose. For root,
    /// everybody must be allowed to pass through its parents, because mail is kept by an unprivileged user.
    /// </summary>
    public string? DataFolder { get; init; }

    /// <summary>The IMAP port on 127.0.0.1, plain text with STARTTLS; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>The IMAPS port on 127.0.0.1, implicit TLS; 0 for any free one.</summary>
    public int TlsPort { get; init; }
}
