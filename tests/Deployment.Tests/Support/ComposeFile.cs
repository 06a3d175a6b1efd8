using System.Text.Json.Nodes;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>compose.yaml, with what its services share through an anchor left out.</summary>
internal static class ComposeFile
{
    private static readonly JsonObject Root = Yaml.Parse(Repository.Read("compose.yaml")).Single();

    public static IReadOnlyDictionary<string, JsonObject> Services { get; } =
        Root["services"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.AsObject(), StringComparer.Ordinal);

    public static IReadOnlySet<string> Volumes { get; } =
        Root["volumes"]!.AsObject().Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);

    public static IEnumerable<string> Ports(JsonObject service) => Texts(service["ports"]);

    /// <summary>What each service mounts: the volume or the file of the repository, and where.</summary>
    public static IEnumerable<(string Source, string Target)> Mounts(JsonObject service) =>
        Texts(service["volumes"]).Select(volume => volume.Split(':')).Select(parts => (parts[0], parts[1]));

    /// <summary>The environment as settings have it.</summary>
    public static IReadOnlyDictionary<string, string> Environment(string service) =>
        Services[service]["environment"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal);

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(item => (string)item!) ?? [];
}
