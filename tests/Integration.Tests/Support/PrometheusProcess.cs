using System.Text.Json;
using EmailIngestion.DevServers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A real Prometheus on a free port of this machine, with its data in a folder of the test.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private static readonly string[] RuleFiles = ["rules.yml"];

    private readonly ServerProcess _process;
    private readonly HttpClient _http;

    private PrometheusProcess(ServerProcess process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <param name="folder">The folder of its files.</param>
    /// <param name="path">The path of the metrics on the targets.</param>
    /// <param name="targets">The targets: name of the pod, and address with port.</param>
    /// <param name="rules">The rule groups in the format of Prometheus.</param>
    public static async Task<PrometheusProcess> StartAsync(
        string folder, string path, IReadOnlyDictionary<string, string> targets, string rules)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "rules.yml"), rules);
        var file = Path.Combine(folder, "prometheus.json");
        // JSON is YAML.
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            global = new { scrape_interval = "2s", scrape_timeout = "2s", evaluation_interval = "1s" },
            rule_files = RuleFiles,
            scrape_configs = new[]
            {
                new
                {
                    job_name = "pods",
                    metrics_path = path,
                    static_configs = targets.Select(target => new { targets = new[] { target.Value }, labels = new { pod = target.Key } }),
                },
            },
        }));
        var port = Loopback.FreePort();
        var process = ServerProcess.Start(
            ServerBinary.Require("prometheus", "prometheus"),
            [
                $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder, "prometheus")}",
                $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
            ],
            TimeProvider.System);
        var prometheus = new PrometheusProcess(process, port);
        await Eventually.TrueAsync(prometheus.IsReadyAsync, "Prometheus is ready");
        return prometheus;
    }

    /// <summary>Returns the series of an expression at this moment. A refused expression fails the test.</summary>
    public async Task<JsonElement[]> QueryAsync(string expression)
    {
        var data = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}");
        return [.. data.GetProperty("result").EnumerateArray()];
    }

    /// <summary>Returns each rule with the result of its last evaluation: ok, unknown (not yet evaluated) or the error.</summary>
    public async Task<Dictionary<string, string>> RulesAsync()
    {
        var data = await GetAsync("/api/v1/rules");
        return data.GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToDictionary(
            rule => rule.GetProperty("name").GetString()!,
            rule => rule.TryGetProperty("lastError", out var error) ? error.GetString()! : rule.GetProperty("health").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process.HasExited, $"Prometheus has ended: {_process.LastOutput}");
        try
        {
            using var answer = await _http.GetAsync("/-/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Prometheus does not listen yet.
            return false;
        }
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{Uri.UnescapeDataString(path)}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("data");
    }
}
