using EmailIngestion.Configuration;
using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

public sealed class ScaledObjectReaderTests
{
    private const string Manifest = """
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata:
          name: consumer
          labels: { app: email }
        spec:
          scaleTargetRef:
            name: consumer
          minReplicaCount: 0
          maxReplicaCount: 8
          pollingInterval: 10
          cooldownPeriod: 120
          fallback:
            failureThreshold: 3
            replicas: 2
            behavior: currentReplicasIfHigher
          advanced:
            horizontalPodAutoscalerConfig:
              behavior:
                scaleUp:
                  stabilizationWindowSeconds: 5
                  tolerance: 50m
                scaleDown:
                  selectPolicy: Min
                  policies:
                    - type: Pods
                      value: 1
                      periodSeconds: 60
          triggers:
            - type: redis-streams
              metadata:
                addressFromEnv: REDIS_ADDRESS
                stream: email_ingestion_stream
                consumerGroup: email_processor_group
                lagCount: "100"
              authenticationRef:
                name: redis
        """;

    [Fact]
    public void Everything_that_decides_is_read()
    {
        var read = ScaledObjectReader.Read(Manifest, "file.yaml");
        Assert.Equal(("consumer", 0, 8), (read.Name, read.MinReplicas, read.MaxReplicas));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(120)), (read.PollingInterval, read.CooldownPeriod));
        Assert.Equal(new Fallback(3, 2, FallbackBehavior.CurrentReplicasIfHigher), read.Fallback);
        Assert.Equal(
            new Trigger
            {
                Name = "lag",
                Kind = TriggerKind.Lag,
                Stream = "email_ingestion_stream",
                Group = "email_processor_group",
                Target = 100,
            },
            Assert.Single(read.Triggers));
        var (up, down) = read.Behavior!;
        Assert.Equal((TimeSpan.FromSeconds(5), 0.05), (up.Window, up.Tolerance));
        // A missing field of a direction has its default.
        Assert.Equal(ScalingRules.DefaultUp.Policies, up.Policies);
        Assert.Equal((ScalingRules.DefaultDown.Window, PolicySelect.Min, 0.1), (down.Window, down.Select, down.Tolerance));
        Assert.Equal([Hpa.Pods(1, 60)], down.Policies);
        Assert.Empty(read.Notes);
    }

    [Fact]
    public void A_missing_field_has_KEDAs_default()
    {
        var read = ScaledObjectReader.Read(
            """
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: { name: x }
            spec:
              scaleTargetRef: { name: x }
              triggers: [{ type: redis-streams, metadata: { address: "r:1", stream: s } }]
            """,
            "file.yaml");
        Assert.Equal((0, 100), (read.MinReplicas, read.MaxReplicas));
        Assert.Equal(
            (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(300), TimeSpan.Zero),
            (read.PollingInterval, read.CooldownPeriod, read.InitialCooldownPeriod));
        Assert.Null(read.Fallback);
        Assert.Null(read.Behavior);
        Assert.Equal(5, Assert.Single(read.Triggers).Target);
    }

    [Theory]
    [InlineData("""{ consumerGroup: g, pendingEntriesCount: "7" }""", "Pending", 7, 0)]
    [InlineData("""{ consumerGroup: g, lagCount: "7" }""", "Lag", 7, 0)]
    [InlineData("""{ streamLength: "7" }""", "Length", 7, 0)]
    // With both counts: only the lag. Without a count: pending, with a target of 5. Without a group: the length, whatever else is set.
    [InlineData("""{ consumerGroup: g, lagCount: "7", pendingEntriesCount: "9" }""", "Lag", 7, 1)]
    [InlineData("""{ consumerGroup: g }""", "Pending", 5, 1)]
    [InlineData("""{ consumerGroup: g, streamLength: "7" }""", "Pending", 5, 2)]
    [InlineData("""{ lagCount: "7" }""", "Length", 5, 2)]
    public void Which_count_wins(string metadata, string kind, long target, int notes)
    {
        var read = ScaledObjectReader.Read(Manifest.Replace(
            """consumerGroup: email_processor_group""", "", StringComparison.Ordinal).Replace(
            """lagCount: "100" """.TrimEnd(), metadata.Trim('{', '}', ' ').Replace(", ", "\n        ", StringComparison.Ordinal),
            StringComparison.Ordinal), "file.yaml");
        var trigger = Assert.Single(read.Triggers);
        Assert.Equal((kind, target), (trigger.Kind.ToString(), trigger.Target));
        Assert.Equal(notes, read.Notes.Count);
        Assert.All(read.Notes, note => Assert.StartsWith("spec.triggers[0].metadata.", note, StringComparison.Ordinal));
    }

    [Fact]
    public void A_minimum_that_KEDA_warns_of_gives_a_note()
    {
        var read = ScaledObjectReader.Read(
            Manifest.Replace("minReplicaCount: 0", "minReplicaCount: 1", StringComparison.Ordinal), "file.yaml");
        Assert.Equal(
            ["pollingInterval", "cooldownPeriod"],
            read.Notes.Select(note => note["spec.".Length..note.IndexOf(' ', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("keda.sh/v1alpha1", "keda.sh/v2", "file.yaml: apiVersion is keda.sh/v2: only keda.sh/v1alpha1 is known.")]
    [InlineData("kind: ScaledObject", "kind: ScaledJob", "file.yaml: there is no ScaledObject in it.")]
    [InlineData(
        "labels: { app: email }", "annotations: { autoscaling.keda.sh/paused: \"true\" }",
        "file.yaml: metadata.annotations.autoscaling.keda.sh/paused is not supported here.")]
    [InlineData(
        "type: redis-streams", "type: cpu",
        "file.yaml: spec.triggers[0].type is cpu: only redis-streams, redis-sentinel-streams, redis-cluster-streams, metrics-api are "
        + "supported here.")]
    [InlineData("stream: email_ingestion_stream", "", "file.yaml: spec.triggers[0].metadata.stream is missing.")]
    [InlineData(
        "lagCount: \"100\"", "lagCount: 100",
        "file.yaml: spec.triggers[0].metadata.lagCount must be a text: \"100\", with quotation marks.")]
    [InlineData("lagCount: \"100\"", "lagCount: \"0\"", "file.yaml: spec.triggers[0].metadata.lagCount is 0: it must be 1 or more.")]
    [InlineData(
        "lagCount: \"100\"", "lagCount: \"many\"", "file.yaml: spec.triggers[0].metadata.lagCount must be a whole number, and is many.")]
    [InlineData("lagCount: \"100\"", "lagcount: \"100\"", "file.yaml: spec.triggers[0].metadata.lagcount is not known; lagCount is.")]
    [InlineData(
        "maxReplicaCount: 8", "maxReplicaCount: \"8\"",
        "file.yaml: spec.maxReplicaCount must be a whole number without quotation marks, and is 8.")]
    [InlineData(
        "minReplicaCount: 0", "minReplicaCount: 9",
        "file.yaml: spec.minReplicaCount is 9 and maxReplicaCount 8: the first must not be more.")]
    [InlineData("pollingInterval: 10", "pollingInterval: 0", "file.yaml: spec.pollingInterval is 0: it must be 1 or more.")]
    [InlineData("pollingInterval: 10", "idleReplicaCount: 1", "file.yaml: spec.idleReplicaCount is not supported here.")]
    [InlineData(
        "periodSeconds: 60", "periodSeconds: 1801",
        "file.yaml: spec.advanced.horizontalPodAutoscalerConfig.behavior."
        + "scaleDown.policies[0].periodSeconds is 1801: it must be between 1 and 1800.")]
    [InlineData(
        "selectPolicy: Min", "selectPolicy: Least",
        "file.yaml: spec.advanced.horizontalPodAutoscalerConfig.behavior."
        + "scaleDown.selectPolicy is Least: it must be Max, Min or Disabled.")]
    [InlineData("replicas: 2", "", "file.yaml: spec.fallback.replicas is missing.")]
    [InlineData(
        "behavior: currentReplicasIfHigher", "behavior: scalingModifiers",
        "file.yaml: spec.fallback.behavior is scalingModifiers, which is not supported here.")]
    public void An_error_is_one_line_that_names_the_field(string right, string wrong, string line) =>
        Assert.Equal(line, Assert.Throws<SettingsException>(
            () => ScaledObjectReader.Read(Manifest.Replace(right, wrong, StringComparison.Ordinal), "file.yaml")).Message);

    [Fact]
    public void Invalid_YAML_is_one_line_with_its_line_number() => Assert.Matches(
        @"^file\.yaml: line \d+ is not YAML: .+$",
        Assert.Throws<SettingsException>(() => ScaledObjectReader.Read("a: b\na: [", "file.yaml")).Message);

    [Fact]
    public void One_of_several_is_chosen_by_name()
    {
        var other = Manifest.Replace("name: consumer\n  labels", "name: other\n  labels", StringComparison.Ordinal);
        var several = $"{Manifest}\n---\napiVersion: v1\nkind: Secret\n---\n{other}";
        Assert.Equal("other", ScaledObjectReader.Read(several, "file.yaml", "other").Name);
        Assert.Equal(
            "file.yaml: there are several, consumer, other: choose one by --name.",
            Assert.Throws<SettingsException>(() => ScaledObjectReader.Read(several, "file.yaml")).Message);
        Assert.Equal(
            "file.yaml: there is no ScaledObject of the name third in it, but consumer, other.",
            Assert.Throws<SettingsException>(() => ScaledObjectReader.Read(several, "file.yaml", "third")).Message);
    }
}
