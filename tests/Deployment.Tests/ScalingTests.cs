using System.Globalization;
using System.Text.Json.Nodes;
using EmailIngestion.Consuming;
using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class ScalingTests(Overlays overlays)
{
    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Each_partition_has_consumers_and_a_ScaledObject_on_its_stream_and_group(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        var consumers = ManifestTests.Roles(all).Where(role => role.Component == "consumer").ToArray();
        Assert.Equal(overlay == "cluster" ? 2 : 1, consumers.Length);
        foreach (var consumer in consumers)
        {
            var partition = PodSettings.Of(consumer, all).GetValueOrDefault("Streams__Partitions__0") ?? "";
            var scaled = all.Single(one => one.Kind == "ScaledObject" && (string)one.Spec["scaleTargetRef"]!["name"]! == consumer.Name);
            if (overlay != "entra")
            {
                Assert.All(
                    Metadata(scaled), metadata => Assert.Equal((string)new StreamKeys(partition).Stream!, (string?)metadata["stream"]));
            }

            Assert.All(
                Metadata(scaled).Where(metadata => metadata.ContainsKey("consumerGroup")),
                metadata => Assert.Equal(StreamKeys.Group, (string?)metadata["consumerGroup"]));
        }

        var isNamed = overlay is "cluster" or "azure-managed-redis" or "entra";
        Assert.Equal(isNamed, consumers.All(consumer => PodSettings.Of(consumer, all).ContainsKey("Streams__Partitions__0")));
        if (isNamed)
        {
            var served = consumers.Select(consumer => PodSettings.Of(consumer, all)["Streams__Partitions__0"])
                .Order(StringComparer.Ordinal);
            Assert.All(ManifestTests.Roles(all).Where(role => role.Component != "consumer"), role => Assert.Equal(
                served,
                PodSettings.Of(role, all).Where(setting => setting.Key.StartsWith("Streams__Partitions__", StringComparison.Ordinal))
                    .Select(setting => setting.Value).Order(StringComparer.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Three_plain_triggers_ask_for_one_thing_each(string overlay)
    {
        var options = new ConsumerOptions();
        foreach (var scaled in await ScaledAsync(overlay))
        {
            var triggers = scaled.Items("spec", "triggers")
                .ToDictionary(trigger => (string)trigger["name"]!, trigger => trigger["metadata"]!.AsObject());
            Assert.Equal(["activator", "lag", "pending"], triggers.Keys.Order(StringComparer.Ordinal));
            Assert.Null(scaled.Spec["advanced"]!["scalingModifiers"]);
            // EntraTests compares its triggers with these.
            if (overlay == "entra")
                continue;

            // With both counts in one trigger KEDA uses only the lag, and with a group it ignores the length.
            Assert.Equal(Number(options.Concurrency), (string?)triggers["pending"]["pendingEntriesCount"]);
            Assert.False(triggers["pending"].ContainsKey("lagCount"));
            Assert.True(triggers["pending"].ContainsKey("consumerGroup"));
            Assert.True(int.Parse((string)triggers["lag"]["lagCount"]!, CultureInfo.InvariantCulture) > 0);
            Assert.Equal("0", (string?)triggers["lag"]["activationLagCount"]);
            Assert.True(triggers["lag"].ContainsKey("consumerGroup"));
            Assert.False(triggers["lag"].ContainsKey("pendingEntriesCount"));
            Assert.False(triggers["activator"].ContainsKey("consumerGroup"));
            // So large that the activator never asks for more than one replica.
            var activating = int.Parse((string)triggers["activator"]["streamLength"]!, CultureInfo.InvariantCulture);
            Assert.True(activating > 10 * new StreamOptions().MaxStreamLength);
        }
    }

    /// <summary>Computes the HPA's result for the shipped target, with the default tolerance of a tenth.</summary>
    [Theory]
    [InlineData(80, 8, 8)]
    [InlineData(75, 8, 8)]
    [InlineData(45, 8, 5)]
    [InlineData(45, 5, 5)]
    [InlineData(10, 1, 1)]
    [InlineData(20, 1, 2)]
    [InlineData(3, 8, 1)]
    [InlineData(0, 8, 0)]
    public void As_many_consumers_stay_as_are_full(long pending, int running, int wanted)
    {
        var scaled = ScaledObjectReader.Read(Repository.Read("keda", "base", "consumer", "scaledobject.yaml"), "scaledobject.yaml");
        var trigger = scaled.Triggers.Single(one => one.Kind == TriggerKind.Pending);
        Assert.Equal(wanted, ReplicaFormula.Desired(pending, trigger.Target, running, 0.1, 0.1));
    }

    [Theory]
    [InlineData("dev", "redis-streams")]
    [InlineData("standalone", "redis-streams")]
    [InlineData("blob-archive", "redis-streams")]
    [InlineData("blob-bodies", "redis-streams")]
    [InlineData("folder-bodies", "redis-streams")]
    [InlineData("azure-managed-redis", "redis-streams")]
    [InlineData("entra", "metrics-api")]
    [InlineData("refresh-tokens", "redis-streams")]
    [InlineData("scale-to-zero", "redis-streams")]
    [InlineData("sentinel", "redis-sentinel-streams")]
    [InlineData("cluster", "redis-cluster-streams")]
    public async Task The_scaler_is_that_of_the_Redis(string overlay, string type)
    {
        foreach (var scaled in await ScaledAsync(overlay))
        {
            Assert.All(scaled.Items("spec", "triggers"), trigger => Assert.Equal(type, (string?)trigger["type"]));
            Assert.Equal(overlay == "sentinel", Metadata(scaled).All(metadata => metadata.ContainsKey("sentinelMaster")));
            Assert.Equal(
                overlay is not ("dev" or "sentinel" or "cluster" or "entra"),
                Metadata(scaled).All(metadata => (string?)metadata["enableTLS"] == "true"));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Consumers_go_from_one_to_eight_and_come_down_slowly(string overlay)
    {
        foreach (var scaled in await ScaledAsync(overlay))
        {
            Assert.Equal(overlay == "scale-to-zero" ? 0 : 1, (int)scaled.Spec["minReplicaCount"]!);
            Assert.Equal(8, (int)scaled.Spec["maxReplicaCount"]!);
            Assert.Equal("currentReplicasIfHigher", (string?)scaled.Spec["fallback"]!["behavior"]);
            var down = scaled.Spec["advanced"]!["horizontalPodAutoscalerConfig"]!["behavior"]!["scaleDown"]!;
            Assert.True((int)down["stabilizationWindowSeconds"]! >= 300);
            Assert.All(down["policies"]!.AsArray(), policy =>
                Assert.Equal(("Pods", 1, 60), ((string)policy!["type"]!, (int)policy["value"]!, (int)policy["periodSeconds"]!)));
        }
    }

    /// <summary>KEDA's webhook warns of these: both matter only where 0 replicas are allowed.</summary>
    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Polling_and_cooldown_are_set_where_0_replicas_are_allowed(string overlay)
    {
        foreach (var scaled in await ScaledAsync(overlay))
        {
            var scalesToZero = (int)scaled.Spec["minReplicaCount"]! == 0;
            Assert.Equal(scalesToZero, scaled.Spec.ContainsKey("pollingInterval"));
            Assert.Equal(scalesToZero, scaled.Spec.ContainsKey("cooldownPeriod"));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Only_the_number_of_consumers_is_left_to_KEDA(string overlay)
    {
        foreach (var role in ManifestTests.Roles(await overlays.RenderAsync(overlay)))
        {
            Assert.Equal(role.Component == "consumer", !role.Spec.ContainsKey("replicas"));
            if (role.Component == "poller")
            {
                Assert.Equal(1, (int)role.Spec["replicas"]!);
                Assert.Equal("Recreate", (string?)role.Spec["strategy"]!["type"]);
            }
        }
    }

    private static IEnumerable<JsonObject> Metadata(Manifest scaled) =>
        scaled.Items("spec", "triggers").Select(trigger => trigger["metadata"]!.AsObject());

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<Manifest>> ScaledAsync(string overlay)
    {
        Manifest[] scaled = [.. (await overlays.RenderAsync(overlay)).Where(one => one.Kind == "ScaledObject")];
        Assert.NotEmpty(scaled);
        return scaled;
    }
}
