using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EmailIngestion.Messages;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>
/// Makes the JSON Schema of the parsed email from the code: its types, their nullability, and their XML documentation. A field that may be
/// missing is not required and never null.
/// </summary>
internal static partial class EmailSchema
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Dictionary<string, XElement> Documentation = XDocument
        .Load(Path.ChangeExtension(typeof(ParsedEmail).Assembly.Location, ".xml")).Descendants("member")
        .ToDictionary(member => (string)member.Attribute("name")!, StringComparer.Ordinal);

    public static string Write()
    {
        var options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };
        var schema = ParsedEmailJson.Default.ParsedEmail.GetJsonSchemaAsNode(options).AsObject();
        JsonObject head = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "ParsedEmail, version 2",
        };
        foreach (var (name, value) in schema)
            head[name] = value?.DeepClone();
        return head.ToJsonString(Readable).ReplaceLineEndings("\n") + "\n";
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject node)
            return schema;
        // A field without a value is left out: no field is null.
        if (node["type"] is JsonArray types)
            node["type"] = types.Select(type => (string)type!).Single(type => type != "null");
        if (node["enum"] is JsonArray values)
        {
            node["type"] = "string";
            node["enum"] = new JsonArray([.. values.Where(value => value is not null).Select(value => value!.DeepClone())]);
        }

        node.Remove("default");
        if (node["$ref"] is null && context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            var nullability = new NullabilityInfoContext();
            node["required"] = new JsonArray(
            [
                .. context.TypeInfo.Properties.Where(property => !IsNullable(property, nullability))
                    .Select(property => (JsonNode)property.Name!),
            ]);
        }

        if (context.TypeInfo.Type == typeof(DateTimeOffset) || context.TypeInfo.Type == typeof(DateTimeOffset?))
            node["format"] = "date-time";
        if (context.TypeInfo.Type == typeof(ReadOnlyMemory<byte>?))
            node["contentEncoding"] = "base64";
        if (Describe(context) is { } description)
            node["description"] = description;
        return node;
    }

    private static bool IsNullable(JsonPropertyInfo property, NullabilityInfoContext nullability) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null
        || nullability.Create(Property(property)).ReadState == NullabilityState.Nullable;

    private static PropertyInfo Property(JsonPropertyInfo property) =>
        property.DeclaringType.GetProperty(property.Name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.IgnoreCase)!;

    private static string? Describe(JsonSchemaExporterContext context)
    {
        if (context.PropertyInfo is not { } property)
            return context.Path.Length == 0 ? Summary($"T:{context.TypeInfo.Type.FullName}") + " A field that is null is left out." : null;
        var (type, name) = (property.DeclaringType, Property(property).Name);
        return Summary($"P:{type.FullName}.{name}")
            ?? Text(Documentation[$"T:{type.FullName}"].Elements("param").Single(param => (string)param.Attribute("name")! == name));
    }

    private static string? Summary(string member) =>
        Documentation.TryGetValue(member, out var documentation) && documentation.Element("summary") is { } summary ? Text(summary) : null;

    private static string Text(XElement element)
    {
        foreach (var see in element.Descendants("see").ToArray())
            see.ReplaceWith(Name((string)see.Attribute("cref")!));
        foreach (var code in element.Descendants("c").ToArray())
            code.ReplaceWith(code.Value);
        return Blanks().Replace(element.Value, " ").Trim();
    }

    // A member has its name in JSON, a value of an enumeration its value.
    private static string Name(string member)
    {
        var name = member[(member.LastIndexOf('.') + 1)..];
        if (member.StartsWith("F:", StringComparison.Ordinal)
            && typeof(ParsedEmail).Assembly.GetType(member[2..member.LastIndexOf('.')])?.GetField(name)
                ?.GetCustomAttribute<System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute>() is { } value)
            return value.Name;
        return member.StartsWith("P:", StringComparison.Ordinal) ? JsonNamingPolicy.CamelCase.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
