using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>
/// Checks an object against a CRD's openAPIV3Schema as the API server and <c>kubectl apply</c> do: a field that is not in the schema is an
/// error.
/// </summary>
internal sealed class CrdSchema(JsonObject schema)
{
    /// <summary>The schemas in a folder of CRDs, by kind.</summary>
    public static IReadOnlyDictionary<string, CrdSchema> Load(string folder) => Directory.GetFiles(folder, "*.yaml")
        .SelectMany(file => Yaml.Parse(File.ReadAllText(file)))
        .ToDictionary(
            crd => (string)crd["spec"]!["names"]!["kind"]!,
            crd => new CrdSchema(crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject()));

    public IReadOnlyList<string> Errors(JsonNode? value) => [.. Check(schema, value, "")];

    private static IEnumerable<string> Check(JsonObject schema, JsonNode? value, string path)
    {
        if (value is null)
            return (bool?)schema["nullable"] == true ? [] : [$"{path} is empty"];
        if ((bool?)schema["x-kubernetes-int-or-string"] == true)
            return value.GetValueKind() is JsonValueKind.Number or JsonValueKind.String ? [] : [$"{path} is neither number nor text"];
        return (string?)schema["type"] switch
        {
            "object" => CheckObject(schema, value, path),
            "array" => CheckArray(schema, value, path),
            "string" => CheckText(schema, value, path),
            "integer" => CheckNumber(schema, value, path, whole: true),
            "number" => CheckNumber(schema, value, path, whole: false),
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? [] : [$"{path} is not a boolean"],
            _ => [],
        };
    }

    private static IEnumerable<string> CheckObject(JsonObject schema, JsonNode value, string path)
    {
        if (value is not JsonObject map)
            return [$"{path} is not an object"];
        var properties = schema["properties"]?.AsObject();
        // The API server checks the metadata itself.
        var open = (bool?)schema["x-kubernetes-preserve-unknown-fields"] == true || path == "/metadata";
        var additional = schema["additionalProperties"] as JsonObject;
        return (schema["required"]?.AsArray().Select(name => (string)name!).Where(name => !map.ContainsKey(name))
            .Select(name => $"{path}/{name} is missing") ?? [])
            .Concat(map.SelectMany(pair =>
                properties?[pair.Key] is JsonObject known ? Check(known, pair.Value, $"{path}/{pair.Key}")
                : additional is not null ? Check(additional, pair.Value, $"{path}/{pair.Key}")
                : open ? []
                : [$"{path}/{pair.Key} is not a field"]));
    }

    private static IEnumerable<string> CheckArray(JsonObject schema, JsonNode value, string path)
    {
        if (value is not JsonArray list)
            return [$"{path} is not a list"];
        var errors = list.SelectMany((item, index) => schema["items"] is JsonObject items ? Check(items, item, $"{path}/{index}") : []);
        return (int?)schema["minItems"] > list.Count ? errors.Append($"{path} has too few items") : errors;
    }

    private static IEnumerable<string> CheckText(JsonObject schema, JsonNode value, string path)
    {
        if (value.GetValueKind() != JsonValueKind.String)
            return [$"{path} is not text: quote it"];
        var text = (string)value!;
        if (schema["enum"]?.AsArray().Select(one => (string)one!).Contains(text, StringComparer.Ordinal) == false)
            return [$"{path} is '{text}', which is none of {schema["enum"]!.ToJsonString()}"];
        if ((int?)schema["minLength"] > text.Length)
            return [$"{path} is too short"];
        return schema["pattern"] is { } pattern && !Regex.IsMatch(text, (string)pattern!)
            ? [$"{path} is '{text}', which does not match {pattern}"]
            : [];
    }

    private static IEnumerable<string> CheckNumber(JsonObject schema, JsonNode value, string path, bool whole)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
            return [$"{path} is not a number"];
        var number = value.GetValue<double>();
        if (whole && number != Math.Floor(number))
            return [$"{path} is not whole"];
        if (schema["minimum"] is { } least && number < (double)least)
            return [$"{path} is less than {least}"];
        return schema["maximum"] is { } most && number > (double)most ? [$"{path} is more than {most}"] : [];
    }
}
