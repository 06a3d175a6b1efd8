using System.Text.Json.Nodes;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>The environment of a role's pod in an overlay. A value that comes from a Secret is null.</summary>
internal static class PodSettings
{
    public static IReadOnlyDictionary<string, string?> Of(Manifest deployment, IReadOnlyList<Manifest> all)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var source in deployment.Container["envFrom"]!.AsArray())
        {
            if (source!["configMapRef"]?["name"] is { } name)
            {
                var map = all.SingleOrDefault(one => one.Kind == "ConfigMap" && one.Name == (string)name!);
                if (map is null && IsOptional(source["configMapRef"]!))
                    continue;
                foreach (var (key, value) in map!.Json["data"]!.AsObject())
                    settings[key] = (string)value!;
            }
        }

        foreach (var variable in deployment.Container["env"]!.AsArray())
            settings[(string)variable!["name"]!] = (string?)variable["value"];
        return settings;
    }

    /// <summary>The Secrets that the pod needs or may have, each with its key or with null for all keys.</summary>
    public static IEnumerable<(string Secret, string? Key, bool IsOptional)> SecretsOf(Manifest deployment)
    {
        foreach (var source in deployment.Container["envFrom"]!.AsArray())
        {
            if (source!["secretRef"]?["name"] is { } name)
                yield return ((string)name!, null, IsOptional(source["secretRef"]!));
        }

        foreach (var variable in deployment.Container["env"]!.AsArray())
        {
            if (variable!["valueFrom"]?["secretKeyRef"] is JsonObject reference)
                yield return ((string)reference["name"]!, (string)reference["key"]!, IsOptional(reference));
        }

        foreach (var volume in deployment.Pod["volumes"]!.AsArray())
        {
            if (volume!["secret"]?["secretName"] is { } name)
                yield return ((string)name!, null, false);
        }
    }

    private static bool IsOptional(JsonNode reference) => (bool?)reference["optional"] ?? false;
}
