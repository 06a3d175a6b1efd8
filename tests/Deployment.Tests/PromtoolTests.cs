using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class PromtoolTests
{
    [Fact]
    public async Task Rules_are_valid() =>
        await RunAsync("check", "rules", "rules.yaml");

    [Fact]
    public async Task The_configuration_for_compose_is_valid() => await Tool.RunAsync(
        Tool.Require("promtool"), ["check", "config", Repository.File("compose", "prometheus.yml")], TestContext.Current.CancellationToken);

    [Fact]
    public async Task Alerts_fire_when_they_must_and_only_then() =>
        await RunAsync("test", "rules", "alerts.test.yaml");

    [Fact]
    public void Every_alert_has_a_case_that_fires_and_one_that_must_not()
    {
        var cases = Yaml.Parse(Repository.Read("tests", "Deployment.Tests", "alerts.test.yaml"))[0]["tests"]!.AsArray()
            .SelectMany(test => test!["alert_rule_test"]!.AsArray())
            .Select(one => (Alert: (string)one!["alertname"]!, Fires: one["exp_alerts"]!.AsArray().Count > 0)).ToHashSet();
        var alerts = Rules()["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray())
            .Select(rule => (string)rule!["alert"]!).ToArray();
        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert => Assert.Contains((alert, true), cases));
        // A case where one partition or mailbox must not fire counts too: its alert lists the others.
        string[] byLabel = ["EmailBackPressure", "EmailPollAbsent"];
        Assert.All(alerts.Except(byLabel), alert => Assert.Contains((alert, false), cases));
    }

    private static async Task RunAsync(params string[] arguments)
    {
        var promtool = Tool.Require("promtool");
        var folder = Directory.CreateTempSubdirectory("alerts-").FullName;
        try
        {
            // JSON is YAML.
            await File.WriteAllTextAsync(Path.Combine(folder, "rules.yaml"), Rules().ToJsonString(), TestContext.Current.CancellationToken);
            File.Copy(Repository.File("tests", "Deployment.Tests", "alerts.test.yaml"), Path.Combine(folder, "alerts.test.yaml"));
            await Tool.RunAsync(promtool, [.. arguments[..^1], Path.Combine(folder, arguments[^1])], TestContext.Current.CancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The Prometheus operator passes the spec on unchanged.
    private static System.Text.Json.Nodes.JsonObject Rules() =>
        Yaml.Parse(Repository.Read("keda", "monitoring", "alerts.yaml"))[0]["spec"]!.DeepClone().AsObject();
}
