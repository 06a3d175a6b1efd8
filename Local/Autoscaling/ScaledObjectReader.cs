using EmailIngestion.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads a ScaledObject from a manifest with one or more objects. Refuses fields that this autoscaler does not support.</summary>
internal static class ScaledObjectReader
{
    private const string Kind = "ScaledObject";
    private const string Version = "keda.sh/v1alpha1";

    // These annotations pause or force scaling by hand, in a cluster only.
    private const string Annotations = "autoscaling.keda.sh/";

    // These fields decide about 0 only.
    private static readonly string[] OfZero = ["pollingInterval", "cooldownPeriod"];

    /// <param name="yaml">The manifest's text.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="name">The name of the ScaledObject, if there are several.</param>
    /// <exception cref="SettingsException">One line that names the field.</exception>
    public static ScaledObject Read(string yaml, string file, string? name = null)
    {
        var fields = Choose(Documents(yaml, file), file, name);
        fields.Only("apiVersion", "kind", "metadata", "spec", "status");
        if (fields.RequiredText("apiVersion") is var version and not Version)
            throw fields.Fail("apiVersion", $"is {version}: only {Version} is known");
        var metadata = fields.RequiredFields("metadata");
        var annotations = metadata.Fields("annotations")?.Names ?? [];
        if (annotations.FirstOrDefault(one => one.StartsWith(Annotations, StringComparison.Ordinal)) is { } annotation)
            throw metadata.Fail($"annotations.{annotation}", "is not supported here");

        var spec = fields.RequiredFields("spec");
        spec.Only(
            "scaleTargetRef", "pollingInterval", "cooldownPeriod", "initialCooldownPeriod", "minReplicaCount", "maxReplicaCount",
            "fallback", "advanced", "triggers", "idleReplicaCount");
        if (spec.Text("idleReplicaCount") is not null)
            throw spec.Fail("idleReplicaCount", "is not supported here");
        spec.RequiredFields("scaleTargetRef").RequiredText("name");
        return Read(metadata.RequiredText("name"), spec);
    }

    private static ScaledObject Read(string name, YamlFields spec)
    {
        var notes = new List<string>();
        var triggers = spec.List("triggers");
        if (triggers is not { Count: > 0 })
            throw spec.Fail("triggers", "is missing");
        var defaults = new ScaledObject
        {
            Name = name,
            Triggers = [.. triggers.Select(trigger => TriggerReader.Read(trigger, notes))],
            Notes = notes,
        };
        var result = defaults with
        {
            MinReplicas = spec.Number("minReplicaCount", 0) ?? defaults.MinReplicas,
            MaxReplicas = spec.Number("maxReplicaCount", 1) ?? defaults.MaxReplicas,
            PollingInterval = spec.Seconds("pollingInterval", 1) ?? defaults.PollingInterval,
            CooldownPeriod = spec.Seconds("cooldownPeriod", 0) ?? defaults.CooldownPeriod,
            InitialCooldownPeriod = spec.Seconds("initialCooldownPeriod", 0) ?? defaults.InitialCooldownPeriod,
            Fallback = spec.Fields("fallback") is { } fallback ? ReadFallback(fallback) : null,
            Behavior = spec.Fields("advanced") is { } advanced ? BehaviorReader.Read(advanced) : null,
        };
        if (result.MinReplicas > 0)
        {
            foreach (var field in OfZero.Where(spec.Names.Contains))
                notes.Add($"{spec.Path}.{field} decides nothing with a minReplicaCount of {result.MinReplicas}: KEDA warns of it.");
        }

        return result.MinReplicas <= result.MaxReplicas
            ? result
            : throw spec.Fail(
                "minReplicaCount", $"is {result.MinReplicas} and maxReplicaCount {result.MaxReplicas}: the first must not be more");
    }

    private static Fallback ReadFallback(YamlFields fields)
    {
        fields.Only("failureThreshold", "replicas", "behavior");
        return new Fallback(
            fields.RequiredNumber("failureThreshold", 0),
            fields.RequiredNumber("replicas", 0),
            fields.Text("behavior") switch
            {
                null or "static" => FallbackBehavior.Static,
                "currentReplicas" => FallbackBehavior.CurrentReplicas,
                "currentReplicasIfHigher" => FallbackBehavior.CurrentReplicasIfHigher,
                "currentReplicasIfLower" => FallbackBehavior.CurrentReplicasIfLower,
                var other => throw fields.Fail("behavior", $"is {other}, which is not supported here"),
            });
    }

    private static YamlFields Choose(IReadOnlyList<YamlFields> documents, string file, string? name)
    {
        var all = documents.Where(document => document.Text("kind") == Kind).ToArray();
        var chosen = name is null ? all : [.. all.Where(document => NameOf(document) == name)];
        return chosen switch
        {
            [var only] => only,
            [] when name is null => throw new SettingsException($"{file}: there is no {Kind} in it."),
            [] => throw new SettingsException($"{file}: there is no {Kind} of the name {name} in it, but {Names(all)}."),
            _ => throw new SettingsException($"{file}: there are several, {Names(chosen)}: choose one by --name."),
        };

        static string? NameOf(YamlFields document) => document.Fields("metadata")?.Text("name");
        static string Names(YamlFields[] objects) => string.Join(", ", objects.Select(NameOf));
    }

    private static IReadOnlyList<YamlFields> Documents(string yaml, string file)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            var roots = stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>();
            return [.. roots.Select(root => new YamlFields(root, "", file))];
        }
        catch (YamlException e)
        {
            throw new SettingsException($"{file}: line {e.Start.Line} is not YAML: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
