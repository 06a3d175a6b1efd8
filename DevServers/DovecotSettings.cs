namespace EmailIngestion.DevServers;

/// <summary>What the configuration of a Dovecot depends on besides its version.</summary>
/// <param name="Folder">Mail, users, certificates.</param>
/// <param name="Sockets">A folder with a short path.</param>
/// <param name="Identity">The users that its processes run as.</param>
/// <param name="Port">Plain text and STARTTLS.</param>
/// <param name="TlsPort">Implicit TLS.</param>
/// <param name="Greeting">What the server says first, which tells it from another server on the same port.</param>
internal sealed record DovecotSettings(string Folder, string Sockets, DovecotIdentity Identity, int Port, int TlsPort, string Greeting);
