using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A Redis with TLS for all clients and nodes on its own port. The test's own commands use its plain port.</summary>
internal sealed class TlsRedis : IAsyncDisposable
{
    private TlsRedis(RedisNode node, int tlsPort) => (Node, TlsPort) = (node, tlsPort);

    public RedisNode Node { get; }

    public int TlsPort { get; }

    /// <summary>The address for TLS clients.</summary>
    public string Address => $"127.0.0.1:{TlsPort.ToString(CultureInfo.InvariantCulture)}";

    /// <param name="authority">The authority of the server's and the clients' certificates.</param>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="cancellationToken">Ends the wait, and the server with it.</param>
    /// <param name="arguments">Further arguments of redis-server.</param>
    public static async Task<TlsRedis> StartAsync(
        TestAuthority authority, (string Certificate, string Key) certificate, CancellationToken cancellationToken,
        params string[] arguments)
    {
        var port = Loopback.FreePort();
        string[] tls =
            [.. Directives(authority, certificate, port)
                .SelectMany(directive => directive.Split(' ', 2) is var words ? [$"--{words[0]}", words[1]] : words)];
        return new TlsRedis(await RedisNode.StartAsync([.. tls, .. arguments], TimeProvider.System, cancellationToken), port);
    }

    /// <summary>The lines of a configuration of Redis or Sentinel.</summary>
    public static IReadOnlyList<string> Directives(TestAuthority authority, (string Certificate, string Key) certificate, int port) =>
    [
        $"tls-port {port.ToString(CultureInfo.InvariantCulture)}", $"tls-cert-file {certificate.Certificate}",
        $"tls-key-file {certificate.Key}",
        $"tls-ca-cert-file {authority.File}", "tls-auth-clients no", "tls-replication yes",
    ];

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
