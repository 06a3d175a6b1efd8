using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Local;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>A real Prometheus scrapes the real exporter.</summary>
public sealed class PrometheusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prometheus-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task Every_metric_of_alerts_and_dashboard_is_there()
    {
        var program = Tool.Require("prometheus");
        var cancellation = TestContext.Current.CancellationToken;
        var (metricsPort, webPort) = (FreePort(), FreePort());
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Streams:ConnectionString"] = "127.0.0.1:1",
            ["Telemetry:PrometheusPort"] = $"{metricsPort}",
        }).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging()
            .AddEmailIngestion(configuration).BuildServiceProvider();
        await using var endpoint = ActivatorUtilities.CreateInstance<PrometheusEndpoint>(services);
        await endpoint.StartAsync(cancellation);
        MetricNames.RecordOneOfEach(services.GetRequiredService<IngestionMetrics>());

        var file = Path.Combine(_folder, "prometheus.yml");
        await File.WriteAllTextAsync(
            file, $$"""{ "scrape_configs": [{ "job_name": "pods", "scrape_interval": "500ms", "scrape_timeout": "500ms", "static_configs": [{ "targets": ["127.0.0.1:{{metricsPort}}"] }] }] }""", cancellation);
        using var prometheus = Process.Start(new ProcessStartInfo(
            program, [$"--config.file={file}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}", $"--web.listen-address=127.0.0.1:{webPort}", "--log.level=error"]))!;
        try
        {
            var names = new[] { Repository.Read("keda", "monitoring", "alerts.yaml") }.Concat(MonitoringTests.DashboardExpressions())
                .SelectMany(MetricNames.In).Distinct().Order(StringComparer.Ordinal).ToArray();
            Assert.True(names.Length > 15);
            var missing = names.ToList();
            for (var started = TimeProvider.System.GetTimestamp(); missing.Count > 0 && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60);)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellation);
                foreach (var name in missing.ToArray())
                {
                    if (await HasAsync(webPort, name, cancellation))
                        missing.Remove(name);
                }
            }

            Assert.Empty(missing);
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_scraper_that_is_not_on_this_machine_is_answered()
    {
        var port = FreePort();
        await using var app = LocalHost.Build(
            new LocalSettings
            {
                ["Streams:ConnectionString"] = "127.0.0.1:1,connectTimeout=100",
                ["Consumer:Enabled"] = "false",
                ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
                ["Telemetry:PrometheusPort"] = $"{port}",
            },
            new LocalHostOptions(_folder, 0));
        await app.StartAsync(TestContext.Current.CancellationToken);
        // It calls the pod by its address.
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/metrics") { Headers = { Host = "10.1.2.3:9464" } };
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("email_ingestion_circuit_breaker_state", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> HasAsync(int port, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = JsonDocument.Parse(await _http.GetStringAsync($"http://127.0.0.1:{port}/api/v1/query?query={name}", cancellationToken));
            return answer.RootElement.GetProperty("data").GetProperty("result").GetArrayLength() > 0;
        }
        catch (HttpRequestException)
        {
            // It has not started yet.
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
