using System.Text.Json.Nodes;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>One Kubernetes object.</summary>
internal sealed record Manifest(JsonObject Json)
{
    public string Kind => (string)Json["kind"]!;

    public string Name => (string)Json["metadata"]!["name"]!;

    public string ApiVersion => (string)Json["apiVersion"]!;

    public bool IsCore =>
        !ApiVersion.Split('/')[0].EndsWith(".sh", StringComparison.Ordinal) && !ApiVersion.Contains("coreos", StringComparison.Ordinal);

    public JsonObject Spec => Json["spec"]!.AsObject();

    public JsonObject Pod => Spec["template"]!["spec"]!.AsObject();

    public JsonObject Container => Pod["containers"]![0]!.AsObject();

    public string? Component => (string?)Json["spec"]?["template"]?["metadata"]?["labels"]?["app.kubernetes.io/component"];

    public IEnumerable<JsonObject> Items(params string[] path)
    {
        JsonNode? node = Json;
        foreach (var part in path)
            node = node?[part];
        return node?.AsArray().Select(item => item!.AsObject()) ?? [];
    }

    public override string ToString() => $"{Kind} {Name}";
}
