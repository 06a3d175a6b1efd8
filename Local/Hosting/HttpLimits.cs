using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EmailIngestion.Local.Hosting;

/// <summary>What one client, or many of them, can take of this server before it has shown a key.</summary>
internal static class HttpLimits
{
    /// <summary>No request has a body; this much of one is read past.</summary>
    public const long MaxBodyBytes = 64 * 1024;

    private const int MaxConnections = 1000;
    private const int MaxRequestLineBytes = 8 * 1024;
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxHeaders = 64;
    private const double MinBytesPerSecond = 1024;

    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(10);

    public static void Apply(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        // Without TLS there is no other version that a client could ask for.
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.RequestHeadersTimeout = HeadersWithin;
        limits.KeepAliveTimeout = IdleFor;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, SlowStart);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, SlowStart);
    }
}
