using EmailIngestion.DevServers;
using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>Builds the product's host as its own commands do, with readable metrics.</summary>
internal static class SideHost
{
    public static WebApplication Build(int port, Dictionary<string, string?> more, Action<IServiceCollection>? configure = null)
    {
        var settings = LocalSettings.Load("no-settings-file");
        var common = new Dictionary<string, string?>
        {
            ["Streams:ConnectionString"] = $"127.0.0.1:{port}",
            ["Streams:MaxStreamLength"] = "0",
            ["Polling:Enabled"] = "false",
            ["Consumer:Enabled"] = "false",
            ["Logging:Console:LogLevel:Default"] = "Warning",
            // What is said at each start: the temporary folder has other users, and the bench's Redis keeps nothing on disk.
            ["Logging:Console:LogLevel:EmailIngestion.Bench"] = "Error",
            ["Logging:Console:LogLevel:EmailIngestion.Streams.StreamGuard"] = "Error",
            ["Logging:Console:LogToStandardErrorThreshold"] = "Trace",
            ["Telemetry:PrometheusHost"] = "127.0.0.1",
            ["Telemetry:PrometheusPort"] = $"{Loopback.FreePort()}",
        };
        foreach (var (name, value) in common.Concat(more))
            settings[name] = value;
        var host = LocalHost.Build(settings, new LocalHostOptions(Path.GetTempPath(), null), configure);
        IngestionHost.Validate(host);
        return host;
    }
}
