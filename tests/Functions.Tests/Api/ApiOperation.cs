using System.Text.Json.Nodes;

namespace EmailIngestion.Functions.Tests.Api;

/// <summary>One operation of the description.</summary>
internal sealed record ApiOperation(ApiDescription Description, string Path, string Method, JsonObject Node)
{
    public string Id => Node["operationId"]!.GetValue<string>();

    public IReadOnlyList<JsonObject> Parameters =>
        [.. (Node["parameters"]?.AsArray() ?? []).Select(parameter => Description.Resolve(parameter!))];

    public IReadOnlyList<int> Statuses => [.. Node["responses"]!.AsObject().Select(response => int.Parse(response.Key))];

    /// <summary>The names of the security schemes; empty where no key is needed.</summary>
    public IReadOnlyList<string> Keys => [.. Node["security"]!.AsArray().SelectMany(one => one!.AsObject().Select(scheme => scheme.Key))];

    /// <summary>The schema of the body; null if the operation has none.</summary>
    public JsonNode? Body => Node["requestBody"]?["content"]?["application/json"]?["schema"];

    public bool Matches(string[] segments)
    {
        var parts = Path.TrimStart('/').Split('/');
        return parts.Length == segments.Length
            && parts.Zip(segments).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }

    /// <summary>The description of an answer; null if the status is not described.</summary>
    public JsonObject? Answer(int status) => Node["responses"]![$"{status}"] is { } answer ? Description.Resolve(answer) : null;
}
