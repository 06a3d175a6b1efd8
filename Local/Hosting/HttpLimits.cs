using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EmailIngestion.Local.Hosting;

/// <summary>Limits the resources that clients can use before they present a key.</summary>
internal static class HttpLimits
{
    /// <summary>The largest body that is read and discarded, in bytes. No request needs a body.</summary>
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
        // Without TLS a client cannot negotiate another version.
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
