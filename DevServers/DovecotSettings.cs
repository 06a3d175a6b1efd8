namespace EmailIngestion.DevServers;

/// <summary>What the configuration of a Dovecot depends on besides its version.</summary>
/// <param name="Folder">Mail, users, certificates.</param>
/// <param name="Sockets">A folder with a short path.</param>
/// <param name="Identity">The users that its processes run as.</param>
/// <param name="Port">Plain text and STARTTLS.</param>
/// <param name="TlsPort">Implicit TLS.</param>
/// <param name="Greeting">What the server says first, which tells it from another server on the same port.</param>
internal sealed record DovecotSettings(string Folder, string Sockets, DovecotIdentity Identity, int Port, int TlsPort, string Greeting)
{
    /// <summary>The connections that it lets one user have from one address.</summary>
    public int MaxConnections { get; init; } = DovecotProcessOptions.AnyNumber;

    /// <summary>What stands before the name of every folder but INBOX, with the delimiter at its end; empty: nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The delimiter between levels.</summary>
    public char Separator => Prefix.Length == 0 ? '/' : Prefix[^1];
}
