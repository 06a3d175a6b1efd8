using System.Text.Json.Nodes;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>compose.yaml without the extension fields that its services share through anchors.</summary>
internal static class ComposeFile
{
    private static readonly JsonObject Root = Yaml.Parse(Repository.Read("compose.yaml")).Single();

    public static IReadOnlyDictionary<string, JsonObject> Services { get; } =
        Root["services"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.AsObject(), StringComparer.Ordinal);

    public static IReadOnlySet<string> Volumes { get; } =
        Root["volumes"]!.AsObject().Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);

    public static IEnumerable<string> Ports(JsonObject service) => Texts(service["ports"]);

    /// <summary>The mounts of each service: the volume or the file of the repository, and the path.</summary>
    public static IEnumerable<(string Source, string Target)> Mounts(JsonObject service) =>
        Texts(service["volumes"]).Select(volume => volume.Split(':')).Select(parts => (parts[0], parts[1]));

    /// <summary>The environment of a service, as names of settings.</summary>
    public static IReadOnlyDictionary<string, string> Environment(string service) =>
        Services[service]["environment"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal);

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(item => (string)item!) ?? [];
}
