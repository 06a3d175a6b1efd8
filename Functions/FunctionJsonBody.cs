using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EmailIngestion.Functions;

/// <summary>Parses a JSON body strictly: a field that the type does not have, or that is there twice, is refused by its name.</summary>
internal static class FunctionJsonBody
{
    private const int MaxDepth = 8;

    /// <summary>Parses the body. Null with the fault, which names the field.</summary>
    public static T? Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, out string fault)
        where T : class
    {
        fault = "";
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                fault = "The body is not a JSON object.";
            else if (FindUnknown(json.RootElement, type, "") is { } unknown)
                fault = unknown;
            else
                return json.RootElement.Deserialize(type);
        }
        catch (JsonException e)
        {
            fault = e.Path is { Length: > 2 } path
                ? $"{path[2..]} does not have the right type."
                : "The body is not a JSON object with each field once.";
        }

        catch (InvalidOperationException)
        {
            // System.Text.Json reports it so for the name of a field, and as a JsonException for a value.
            fault = "The name of a field has a lone surrogate (\\ud800 to \\udfff), which is no character.";
        }

        return null;
    }

    private static string? FindUnknown(JsonElement element, JsonTypeInfo type, string path)
    {
        if (type.Kind != JsonTypeInfoKind.Object || element.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var field in element.EnumerateObject())
        {
            var name = path + field.Name;
            if (type.Properties.FirstOrDefault(property => property.Name == field.Name) is not { } known)
            {
                var names = string.Join(", ", type.Properties.Select(property => property.Name));
                return $"{FunctionResults.Cut(name)} is not a field of this request: the fields are {names}.";
            }

            if (FindUnknown(field.Value, type.Options.GetTypeInfo(known.PropertyType), $"{name}.") is { } inner)
                return inner;
        }

        return null;
    }
}
