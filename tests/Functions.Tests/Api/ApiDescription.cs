using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace EmailIngestion.Functions.Tests.Api;

/// <summary>The description of the HTTP functions, read for the tests.</summary>
internal sealed class ApiDescription
{
    private const string Components = "#/components/schemas/";

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonObject _document;
    private readonly JsonObject _definitions;

    private ApiDescription(JsonObject document)
    {
        _document = document;
        _definitions = Definitions(document);
    }

    public static ApiDescription Current { get; } = new(JsonNode.Parse(OpenApiFunction.Read())!.AsObject());

    public JsonObject Document => _document;

    public IReadOnlyList<ApiOperation> Operations => [.. _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
        .Select(operation => new ApiOperation(this, path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject())))];

    public JsonObject Schemas => _document["components"]!["schemas"]!.AsObject();

    /// <summary>The operation that answers a path below <c>api/</c>. A path without a parameter precedes one with it.</summary>
    public ApiOperation? Find(string method, string path)
    {
        var segments = path.Split('/');
        return Operations
            .Where(operation => operation.Method == method && operation.Matches(segments))
            .OrderBy(operation => operation.Path.Count(character => character == '{'))
            .FirstOrDefault();
    }

    /// <summary>The node itself, or what its <c>$ref</c> names.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        if (node["$ref"]?.GetValue<string>() is not { } reference)
            return node.AsObject();
        JsonNode? found = _document;
        foreach (var part in reference.TrimStart('#', '/').Split('/'))
            found = found?[part];
        return found?.AsObject() ?? throw new InvalidOperationException($"{reference} refers to nothing.");
    }

    /// <summary>
    /// What of a value the schema does not allow. A property that the schema does not name is one, though clients have to accept it.
    /// </summary>
    public IReadOnlyList<string> Faults(JsonNode schema, JsonElement value)
    {
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$defs"] = _definitions.DeepClone(),
        };
        foreach (var (keyword, node) in Rewrite(schema))
            root[keyword] = node?.DeepClone();
        var results = JsonSchema.FromText(root.ToJsonString()).Evaluate(value, Options);
        return results.IsValid
            ? []
            : [.. (results.Details ?? []).Where(detail => detail.Errors is { Count: > 0 }).SelectMany(detail =>
                detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Key}: {error.Value}"))];
    }

    private static JsonObject Definitions(JsonObject document)
    {
        var definitions = new JsonObject();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            var closed = Rewrite(schema!);
            if (closed["properties"] is not null && closed["additionalProperties"] is null)
                closed["additionalProperties"] = false;
            definitions[name] = closed;
        }

        return definitions;
    }

    private static JsonObject Rewrite(JsonNode schema) =>
        JsonNode.Parse(schema.ToJsonString().Replace(Components, "#/$defs/", StringComparison.Ordinal))!.AsObject();
}
