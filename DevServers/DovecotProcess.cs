using EmailIngestion.Messages;

namespace EmailIngestion.DevServers;

/// <summary>A Dovecot on 127.0.0.1, with TLS and any number of users, and without waits for the disk.</summary>
internal sealed class DovecotProcess : IAsyncDisposable
{
    /// <summary>The environment variable that names another <c>dovecot</c> than the installed one.</summary>
    public const string Variable = "DOVECOT";

    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(5);

    private readonly ServerProcess server;
    private readonly ServerFolder folder;
    private readonly ServerFolder sockets;
    private readonly DovecotUsers users;

    private DovecotProcess(ServerProcess server, ServerFolder folder, ServerFolder sockets, int port, int tlsPort)
    {
        (this.server, this.folder, this.sockets, Port, TlsPort) = (server, folder, sockets, port, tlsPort);
        users = new DovecotUsers(folder.FullPath);
    }

    /// <summary>The name in the certificate.</summary>
    public string Host { get; } = "localhost";

    /// <summary>The IMAP port: plain text, with STARTTLS.</summary>
    public int Port { get; }

    /// <summary>The IMAPS port: implicit TLS.</summary>
    public int TlsPort { get; }

    public int ProcessId => server.Id;

    /// <summary>The PEM file of the certificate authority.</summary>
    public string CertificateAuthorityPath => Path.Combine(folder.FullPath, DovecotCertificate.AuthorityFile);

    /// <summary>The last lines of the server's log.</summary>
    public string LastOutput => server.LastOutput;

    /// <exception cref="ServerStartException">
    /// Dovecot is not installed, reports no version, or ended; its last lines are in the message.
    /// </exception>
    public static async Task<DovecotProcess> StartAsync(DovecotProcessOptions options, TimeProvider time, CancellationToken ct)
    {
        Charsets.Register();
        var path = ServerBinary.Require("dovecot", "dovecot-imapd", Variable);
        var version = await DovecotVersion.OfAsync(path, time, ct);
        var identity = DovecotIdentity.Current();
        var folder = new ServerFolder(options.DataFolder, "imap-");
        var sockets = new ServerFolder(null, "imap-");
        try
        {
            DovecotPermissions.Prepare(folder.FullPath, sockets.FullPath, identity);
            DovecotCertificate.Ensure(folder.FullPath, time);
            var (port, tlsPort, greeting) = (0, 0, $"ready {Guid.NewGuid():N}");
            var server = await ServerStart.RunAsync(
                () =>
                {
                    port = options.Port == 0 ? Loopback.FreePort() : options.Port;
                    tlsPort = options.TlsPort == 0 ? Loopback.FreePort() : options.TlsPort;
                    var file = Path.Combine(sockets.FullPath, "demo.conf");
                    File.WriteAllText(file, DovecotConfiguration.Write(
                        version,
                        new(folder.FullPath, sockets.FullPath, identity, port, tlsPort, greeting)
                        {
                            MaxConnections = options.MaxConnections,
                            Prefix = options.Prefix,
                            HasAccessLists = options.HasAccessLists,
                            Introspection = options.Introspection,
                        }));
                    return ServerProcess.Start(path, ["-F", "-c", file], time);
                },
                _ => Loopback.AnswersAsync(port, "", heard => heard.Contains(greeting, StringComparison.Ordinal), time, ct),
                time,
                ct);
            return new DovecotProcess(server, folder, sockets, port, tlsPort);
        }
        catch
        {
            sockets.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Adds a user, who can log in at once. A new password of an existing user applies after one or two seconds.</summary>
    public void AddUser(string name, string password) => users.Add(name, password);

    /// <summary>Appends the bytes unchanged. Creates the folder (levels separated by <c>/</c>) if it is missing.</summary>
    /// <returns>The UIDs, in order.</returns>
    public Task<IReadOnlyList<uint>> AppendAsync(
        string user, string password, string folder,
        IEnumerable<(byte[] Raw, DateTimeOffset InternalDate)> messages, CancellationToken ct = default) =>
        DovecotFolders.AppendAsync(Port, user, password, folder, messages, ct);

    /// <summary>Deletes a folder with all its mail and creates it again.</summary>
    /// <returns>The new UIDVALIDITY, which differs from the old one.</returns>
    public Task<uint> RecreateFolderAsync(string user, string password, string folder, CancellationToken ct = default) =>
        DovecotFolders.RecreateAsync(Port, user, password, folder, ct);

    public Task ExpungeAsync(string user, string password, string folder, IEnumerable<uint> uids, CancellationToken ct = default) =>
        DovecotFolders.ExpungeAsync(Port, user, password, folder, uids, ct);

    /// <summary>The number of messages in a folder.</summary>
    public Task<int> CountAsync(string user, string password, string folder, CancellationToken ct = default) =>
        DovecotFolders.CountAsync(Port, user, password, folder, ct);

    /// <summary>Stops Dovecot, which disconnects all clients. Kills it after five seconds.</summary>
    public Task StopAsync() => server.StopAsync(StopsWithin);

    /// <summary>Sends SIGKILL to the master and to every process that it started.</summary>
    public void Kill() => server.Kill();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await server.DisposeAsync();
        sockets.Dispose();
        folder.Dispose();
    }
}
