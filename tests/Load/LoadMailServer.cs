using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Load;

/// <summary>A real Dovecot with all the emails of a run in it, over TLS.</summary>
internal sealed class LoadMailServer : IAsyncDisposable
{
    private const string Password = "secret";

    // Of large emails a few are in memory.
    private const int Together = 20;

    private readonly DovecotProcess _server;

    private LoadMailServer(DovecotProcess server, DateTimeOffset received) => (_server, Received) = (server, received);

    /// <summary>The INTERNALDATE of all emails.</summary>
    public DateTimeOffset Received { get; }

    public static async Task<LoadMailServer> StartAsync(LoadOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var server = await DovecotProcess.StartAsync(new DovecotProcessOptions(), time, cancellationToken);
        server.AddUser(LoadMail.User, Password);
        // A mail server keeps whole seconds.
        var received = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var mail = new LoadMail(options.PayloadBytes, options.Large);
        foreach (var numbers in Enumerable.Range(1, options.Emails).Chunk(options.Large ? Together : options.Emails))
        {
            await server.AppendAsync(
                LoadMail.User,
                Password,
                LoadMail.Options.Folder,
                numbers.Select(number => (mail.Raw((uint)number), received)),
                cancellationToken);
        }

        return new LoadMailServer(server, received);
    }

    /// <summary>The settings of the mailbox that has them.</summary>
    public Dictionary<string, string?> Mailbox(string partition) => new()
    {
        ["Host"] = _server.Host,
        ["Port"] = _server.TlsPort.ToString(CultureInfo.InvariantCulture),
        ["CertificateAuthority"] = _server.CertificateAuthorityPath,
        ["Username"] = LoadMail.User,
        ["Password"] = Password,
        ["StartFrom"] = LoadMail.Options.StartFrom,
        ["Partition"] = partition,
    };

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
