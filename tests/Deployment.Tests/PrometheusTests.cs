using System.Net;
using System.Net.Sockets;
using EmailIngestion.Local;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The pods' metrics port. (A real Prometheus asks running processes in Integration.Tests/Telemetry.)</summary>
public sealed class PrometheusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prometheus-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
