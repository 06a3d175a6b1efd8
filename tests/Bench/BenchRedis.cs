using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench;

/// <summary>The Redis of all benches, which answers on one port without TLS and on another with it.</summary>
internal sealed class BenchRedis : IAsyncDisposable
{
    private readonly RedisProcess _redis;
    private readonly string _folder;

    private BenchRedis(RedisProcess redis, int tlsPort, string folder) => (_redis, TlsPort, _folder) = (redis, tlsPort, folder);

    public int Port => _redis.Port;

    public int TlsPort { get; }

    /// <summary>The PEM file of the certificate authority.</summary>
    public string Authority => Path.Combine(_folder, DovecotCertificate.AuthorityFile);

    /// <exception cref="ServerStartException">redis-server is not installed, or did not start.</exception>
    public static async Task<BenchRedis> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("bench-").FullName;
        DovecotCertificate.Ensure(folder, TimeProvider.System);
        var tlsPort = Loopback.FreePort();
        var options = new RedisProcessOptions
        {
            ExtraArguments =
            [
                "--tls-port", tlsPort.ToString(CultureInfo.InvariantCulture),
                "--tls-cert-file", Path.Combine(folder, DovecotCertificate.CertificateFile),
                "--tls-key-file", Path.Combine(folder, DovecotCertificate.KeyFile),
                "--tls-ca-cert-file", Path.Combine(folder, DovecotCertificate.AuthorityFile),
                "--tls-auth-clients", "no",
            ],
        };
        try
        {
            return new BenchRedis(await RedisProcess.StartAsync(options, TimeProvider.System, cancellationToken), tlsPort, folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
