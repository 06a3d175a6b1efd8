namespace EmailIngestion.DevServers;

/// <summary>The values of a Dovecot configuration, besides the version.</summary>
/// <param name="Folder">The folder of mail, users and certificates.</param>
/// <param name="Sockets">The folder of the sockets, which has a short path.</param>
/// <param name="Identity">The users of its processes.</param>
/// <param name="Port">The port for plain text and STARTTLS.</param>
/// <param name="TlsPort">The port for implicit TLS.</param>
/// <param name="Greeting">The greeting, which distinguishes this server from another one on the same port.</param>
internal sealed record DovecotSettings(string Folder, string Sockets, DovecotIdentity Identity, int Port, int TlsPort, string Greeting)
{
    /// <summary>The most connections of one user from one address.</summary>
    public int MaxConnections { get; init; } = DovecotProcessOptions.AnyNumber;

    /// <summary>The prefix of every folder but INBOX, with the delimiter at its end; empty for none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether folders have access control lists.</summary>
    public bool HasAccessLists { get; init; }

    /// <summary>The address that checks access tokens; null for none.</summary>
    public Uri? Introspection { get; init; }

    /// <summary>The delimiter between folder levels.</summary>
    public char Separator => Prefix.Length == 0 ? '/' : Prefix[^1];
}
