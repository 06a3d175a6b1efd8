using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Functions;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The overlay without a key for Redis: workload identity for the app, and the admin's function for KEDA.</summary>
public sealed partial class EntraTests(Overlays overlays)
{
    [Fact]
    public async Task Every_role_signs_in_to_Redis_with_the_workload_identity()
    {
        var all = await overlays.RenderAsync("entra");
        Assert.NotNull(all.Single(one => one.Kind == "ServiceAccount")
            .Json["metadata"]!["annotations"]!["azure.workload.identity/client-id"]);
        foreach (var role in ManifestTests.Roles(all))
        {
            Assert.Equal("true", (string?)role.Spec["template"]!["metadata"]!["labels"]!["azure.workload.identity/use"]);
            Assert.Equal("Entra", PodSettings.Of(role, all)["Streams__Authentication"]);
            Assert.Equal("prod", PodSettings.Of(role, all)["AZURE_TOKEN_CREDENTIALS"]);
            Assert.DoesNotContain(PodSettings.SecretsOf(role), used => used.Secret == "email-ingestion-keda");
        }
    }

    /// <summary>The same decisions come from the same numbers.</summary>
    [Fact]
    public async Task KEDA_asks_the_admin_for_the_numbers_of_the_Redis_triggers()
    {
        var api = Read(await overlays.RenderAsync("entra"));
        var redis = Read(await overlays.RenderAsync("azure-managed-redis"));
        Assert.Equal(
            redis.Triggers.Select(trigger => (trigger.Name, trigger.Target, trigger.Activation)),
            api.Triggers.Select(trigger => (trigger.Name, trigger.Target, trigger.Activation)));
        Assert.Equal(["pending", "lag", "length"], api.Triggers.Select(trigger => Assert.Single(trigger.Api!.Location)));
        Assert.Equal(Bounds(redis), Bounds(api));
    }

    [Fact]
    public async Task The_triggers_reach_a_function_of_the_admin_with_its_key()
    {
        var all = await overlays.RenderAsync("entra");
        var function = FunctionCatalog.Find(typeof(ScalerFunction).Assembly).Single(one => one.Http?.Route == "scaler");
        var admin = ManifestTests.Roles(all).Single(role => role.Component == "admin");
        var settings = PodSettings.Of(admin, all);
        Assert.DoesNotContain($"AzureWebJobs.{function.Name}.Disabled", settings.Keys);
        var service = all.Single(one => one.Kind == "Service");
        var address = $"http://{service.Name}.{(string?)service.Json["metadata"]!["namespace"]}.svc/api/{function.Http!.Route}";
        Assert.Equal(80, (int)service.Spec["ports"]![0]!["port"]!);
        foreach (var trigger in Read(all).Triggers)
        {
            Assert.Equal($"{address}?partition={settings["Streams__Partitions__0"]}", trigger.Api!.Url.ToString());
            Assert.Equal(FunctionKeys.Header, trigger.Api.KeyHeader);
        }

        // The key of this function only, as keda/function-keys.sh writes it.
        var reference = Assert.Single(all.Single(one => one.Kind == "TriggerAuthentication").Items("spec", "secretTargetRef"));
        Assert.Equal(
            ("apiKey", "email-ingestion-function-keys", $"functions.{function.Name.ToLowerInvariant()}.default"),
            ((string?)reference["parameter"], (string?)reference["name"], (string?)reference["key"]));
        var secret = await Tool.RunAsync(
            "bash", [Repository.File("keda", "function-keys.sh")], TestContext.Current.CancellationToken);
        Assert.Contains((string)reference["key"]!, KeyName().Matches(secret).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task Only_KEDAs_operator_and_the_ingress_reach_the_admin()
    {
        var all = await overlays.RenderAsync("entra");
        var policy = all.Single(one => one is { Kind: "NetworkPolicy", Name: "ingress-scaler" });
        Assert.Equal("admin", (string?)policy.Spec["podSelector"]!["matchLabels"]!["app.kubernetes.io/component"]);
        var rule = Assert.Single(policy.Items("spec", "ingress"));
        var from = Assert.Single(rule["from"]!.AsArray())!;
        Assert.Equal("keda-operator", (string?)from["podSelector"]!["matchLabels"]!["app"]);
        Assert.Equal(
            ["keda", "kube-system"],
            from["namespaceSelector"]!["matchExpressions"]![0]!["values"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(["http"], rule["ports"]!.AsArray().Select(port => (string)port!["port"]!));
        Assert.Equal(
            ["ingress-http", "ingress-scaler"],
            all.Where(one => one.Kind == "NetworkPolicy" && one.Items("spec", "ingress").SelectMany(one => one["ports"]!.AsArray())
                .Any(port => (string?)port!["port"] == "http")).Select(one => one.Name).Order(StringComparer.Ordinal));
    }

    private static (string, int, int, TimeSpan, TimeSpan, Fallback?) Bounds(ScaledObject one) =>
        (one.Name, one.MinReplicas, one.MaxReplicas, one.PollingInterval, one.CooldownPeriod, one.Fallback);

    private static ScaledObject Read(IReadOnlyList<Manifest> all) =>
        ScaledObjectReader.Read(all.Single(one => one.Kind == "ScaledObject").Json.ToJsonString(), "entra");

    [GeneratedRegex(@"(functions\.[a-z]+\.default):")]
    private static partial Regex KeyName();
}
