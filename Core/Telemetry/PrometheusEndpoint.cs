using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace EmailIngestion.Telemetry;

/// <summary>
/// Serves <c>/metrics</c> on its own port. It uses Kestrel, since the exporter's HTTP listener cannot listen on every address, and a
/// scraper in a cluster runs on another machine.
/// </summary>
internal sealed partial class PrometheusEndpoint(
    MeterProvider metrics, IOptions<TelemetryOptions> options, ILogger<PrometheusEndpoint> logger) : IHostedService, IAsyncDisposable
{
    private const int MaxConnections = 200;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Limit(kestrel.Limits);
            Listen(kestrel, options.Value);
        });
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(
            metrics, predicate: null, path: "/metrics", configureBranchedPipeline: null, optionsName: null);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            // Several processes on one machine may share their settings. A process without metrics is better than one that does not start.
            LogPortInUse(logger, options.Value.PrometheusPort);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Scrape requests are few, short and without a body.
    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxRequestBodySize = 0;
        limits.RequestHeadersTimeout = HeadersTimeout;
    }

    private static void Listen(KestrelServerOptions kestrel, TelemetryOptions options)
    {
        if (options.PrometheusHost == "*")
            kestrel.ListenAnyIP(options.PrometheusPort);
        else if (IPAddress.TryParse(options.PrometheusHost, out var address))
            kestrel.Listen(address, options.PrometheusPort);
        else
            kestrel.ListenLocalhost(options.PrometheusPort);
    }

    [LoggerMessage(
        EventId = 500,
        Level = LogLevel.Warning,
        Message = "Telemetry:PrometheusPort {Port} is in use by another process: this one serves no metrics.")]
    private static partial void LogPortInUse(ILogger logger, int port);
}
