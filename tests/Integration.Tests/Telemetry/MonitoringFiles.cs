using System.Text.Json;
using System.Text.RegularExpressions;

namespace EmailIngestion.Integration.Tests.Telemetry;

/// <summary>The monitoring files of keda/, and the port that they give the pods.</summary>
internal static partial class MonitoringFiles
{
    /// <summary>Returns every metric of the product that a rule or the dashboard uses.</summary>
    public static IReadOnlyList<string> Metrics() =>
        [.. Metric().Matches(string.Join('\n', [Read("alerts.yaml"), .. DashboardExpressions()])).Select(match => match.Value).Distinct()
            .Order(StringComparer.Ordinal)];

    /// <summary>Returns the rule groups of the PrometheusRule.</summary>
    public static string Rules()
    {
        var file = Read("alerts.yaml");
        return string.Join(
            '\n',
            file[file.IndexOf("  groups:\n", StringComparison.Ordinal)..].Split('\n')
                .Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line));
    }

    /// <summary>The expressions with Grafana's variables filled in.</summary>
    public static IReadOnlyList<string> DashboardExpressions()
    {
        using var dashboard = JsonDocument.Parse(Read("dashboard.json"));
        return
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!)
                .Select(
                    expression => expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                        .Replace("$partition", ".*", StringComparison.Ordinal)),
        ];
    }

    public static string Path() => PathOfMonitor().Match(Read("podmonitor.yaml")).Groups[1].Value;

    public static string Port() => PortOfPods().Match(Read("kustomization.yaml")).Groups[1].Value;

    private static string Read(string name) => File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Telemetry", name));

    [GeneratedRegex("(email_ingestion|processing_latency)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^    path: (/\S+)$", RegexOptions.Multiline)]
    private static partial Regex PathOfMonitor();

    [GeneratedRegex(@"Telemetry__PrometheusPort=(\d+)")]
    private static partial Regex PortOfPods();
}
