using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed partial class MonitoringTests(Overlays overlays)
{
    private static readonly string[] Severities = ["info", "warning", "critical"];

    [Fact]
    public void The_documented_metrics_are_the_exported_ones()
    {
        var exported = MetricNames.Exported().Where(name => !Part().IsMatch(name)).Order(StringComparer.Ordinal);
        Assert.Equal(exported, MetricNames.Documented().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Alerts_ask_only_for_metrics_that_exist()
    {
        var exported = MetricNames.Exported();
        foreach (var rule in await RulesAsync())
        {
            var used = MetricNames.In((string)rule["expr"]!).ToArray();
            Assert.NotEmpty(used);
            Assert.All(used, name => Assert.Contains(name, exported));
        }
    }

    [Fact]
    public void The_dashboard_shows_only_metrics_that_exist_and_all_key_ones()
    {
        var exported = MetricNames.Exported();
        var used = DashboardExpressions().SelectMany(MetricNames.In).ToHashSet(StringComparer.Ordinal);
        Assert.All(used, name => Assert.Contains(name, exported));
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "email_ingestion_stream_depth", "processing_latency_seconds_bucket", "email_ingestion_dlq_depth",
                "email_ingestion_redis_memory_ratio",
                "email_ingestion_circuit_breaker_state", "email_ingestion_emails_processed_total", "email_ingestion_dlq_messages_total",
            },
            used);
    }

    [Fact]
    public void Panels_of_the_dashboard_have_ids_of_their_own_and_do_not_overlap()
    {
        var panels = JsonNode.Parse(Repository.Read("keda", "monitoring", "dashboard.json"))!["panels"]!.AsArray()
            .Select(panel => panel!).ToArray();
        Assert.Equal(panels.Length, panels.Select(panel => (int)panel["id"]!).Distinct().Count());
        var cells = panels.SelectMany(panel => Cells(panel["gridPos"]!)).ToArray();
        Assert.Equal(cells.Length, cells.Distinct().Count());
        Assert.All(cells, cell => Assert.InRange(cell.X, 0, 23));
    }

    [Fact]
    public async Task No_rate_is_taken_of_a_gauge()
    {
        foreach (var expression in (await RulesAsync()).Select(rule => (string)rule["expr"]!).Concat(DashboardExpressions()))
            Assert.All(Rated().Matches(expression), match => Assert.Matches("_(total|bucket|sum|count)$", match.Groups[1].Value));
    }

    [Fact]
    public async Task Every_alert_says_how_bad_it_is_and_leads_to_its_section_of_the_runbook()
    {
        var headings = Repository.Read("docs", "runbook.md").Split('\n').Where(line => line.StartsWith('#'))
            .Select(line => line.TrimStart('#').Trim().ToLowerInvariant().Replace(' ', '-')).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in await RulesAsync())
        {
            var name = (string)rule["alert"]!;
            Assert.Contains((string)rule["labels"]!["severity"]!, Severities);
            Assert.Equal($"docs/runbook.md#{name.ToLowerInvariant()}", (string?)rule["annotations"]!["runbook_url"]);
            Assert.Contains(name.ToLowerInvariant(), headings);
            Assert.NotNull(rule["annotations"]!["summary"]);
        }
    }

    [Fact]
    public async Task The_PodMonitor_finds_every_role()
    {
        var monitor = (await overlays.RenderFolderAsync("monitoring")).Single(one => one.Kind == "PodMonitor");
        Assert.Equal("metrics", (string?)monitor.Spec["podMetricsEndpoints"]![0]!["port"]);
        var labels = monitor.Spec["selector"]!["matchLabels"]!.AsObject();
        foreach (var role in ManifestTests.Roles(await overlays.RenderAsync("standalone")))
            Assert.All(
                labels, label => Assert.Equal((string?)label.Value, (string?)role.Spec["template"]!["metadata"]!["labels"]![label.Key]));
    }

    internal static IEnumerable<string> DashboardExpressions() =>
        JsonNode.Parse(Repository.Read("keda", "monitoring", "dashboard.json"))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!);

    private static IEnumerable<(int X, int Y)> Cells(JsonNode place) =>
        from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
        from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
        select (x, y);

    private async Task<IReadOnlyList<JsonObject>> RulesAsync() =>
        [.. (await overlays.RenderFolderAsync("monitoring")).Single(one => one.Kind == "PrometheusRule").Items("spec", "groups")
            .SelectMany(group => group["rules"]!.AsArray()).Select(rule => rule!.AsObject())];

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Part();

    [GeneratedRegex(@"\b(?:rate|irate|increase)\(\s*([a-z_]+)")]
    private static partial Regex Rated();
}
