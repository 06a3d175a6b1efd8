using System.Net;
using System.Net.Sockets;
using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The metrics port of the pods. (Integration.Tests/Telemetry runs a real Prometheus.)</summary>
public sealed class PrometheusTests(Overlays overlays) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prometheus-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    [Fact]
    public async Task A_scraper_that_is_not_on_this_machine_is_answered()
    {
        var port = FreePort();
        await using var app = Build(port, "*");
        await app.StartAsync(TestContext.Current.CancellationToken);
        // A scraper calls the pod by its address.
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/metrics");
        request.Headers.Host = "10.1.2.3:9464";
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(
            "email_ingestion_circuit_breaker_state", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    // 127.0.0.2 stands for the other addresses of the machine: a listener on all addresses answers there too.
    [Theory]
    [InlineData(null, false)]
    [InlineData("localhost", false)]
    [InlineData("*", true)]
    public async Task Without_a_setting_only_this_machine_is_answered(string? host, bool isAnsweredElsewhere)
    {
        var port = FreePort();
        await using var app = Build(port, host);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var here = await _http.GetAsync($"http://127.0.0.1:{port}/metrics", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        using var elsewhere = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var connecting = elsewhere.ConnectAsync(IPAddress.Parse("127.0.0.2"), port, TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(isAnsweredElsewhere, await connecting.ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Pods_and_images_answer_a_scraper_of_another_machine()
    {
        foreach (var role in ManifestTests.Roles(await overlays.RenderAsync("standalone")))
            Assert.Equal("*", PodSettings.Of(role, await overlays.RenderAsync("standalone"))["Telemetry__PrometheusHost"]);
        Assert.All(["Dockerfile", "Dockerfile.local"], file =>
            Assert.Contains("Telemetry__PrometheusHost=*", Repository.Read(file), StringComparison.Ordinal));
        Assert.Contains(
            "\"Telemetry__PrometheusHost\": \"localhost\"", Repository.Read("local.settings.json.example"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private WebApplication Build(int port, string? host)
    {
        var settings = new LocalSettings
        {
            ["Streams:ConnectionString"] = "127.0.0.1:1,connectTimeout=100",
            ["Consumer:Enabled"] = "false",
            ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
            ["Telemetry:PrometheusPort"] = $"{port}",
        };
        if (host is not null)
            settings["Telemetry:PrometheusHost"] = host;
        return LocalHost.Build(settings, new LocalHostOptions(_folder, 0));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
