using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using EmailIngestion.Functions.Tests.Hosting;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace EmailIngestion.Functions.Tests.Api;

/// <summary>
/// Holds Functions/openapi.json to the functions and to their types. <see cref="DescribedAnswers"/> holds it to the answers of all tests.
/// </summary>
public sealed partial class ApiDescriptionTests(TestRedis redis)
{
    private static readonly ApiDescription Api = ApiDescription.Current;

    private static readonly string[] Changes = ["POST", "PUT", "DELETE"];

    private static readonly FunctionDescriptor[] Functions =
        [.. FunctionCatalog.Find(typeof(StatusFunction).Assembly).Where(function => function.Http is not null)];

    [Fact]
    public void Each_function_is_described_with_its_methods_and_its_route() => Assert.Equal(
        Functions.SelectMany(function => function.Http!.Methods!.Select(
            method => $"{function.Name} {method.ToUpperInvariant()} /{function.Http.Route}")).Order(StringComparer.Ordinal),
        Api.Operations.Select(operation => $"{operation.Id} {operation.Method} {operation.Path}").Order(StringComparer.Ordinal));

    [Fact]
    public void Each_operation_asks_for_the_key_that_its_function_needs() => Assert.All(Api.Operations, operation =>
    {
        var level = Functions.Single(function => function.Name == operation.Id).Http!.AuthLevel;
        string[] keys = level == AuthorizationLevel.Anonymous ? []
            // A key in an address does not change anything.
            : Changes.Contains(operation.Method) ? ["keyInHeader"]
            : ["keyInHeader", "keyInQuery"];
        Assert.Equal(keys, operation.Keys);
    });

    [Fact]
    public void Each_part_of_a_path_is_a_parameter() => Assert.All(Api.Operations, operation => Assert.Equal(
        Parameter().Matches(operation.Path).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal),
        operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path")
            .Select(parameter => parameter["name"]!.GetValue<string>()).Order(StringComparer.Ordinal)));

    [Fact]
    public void Each_operation_has_the_errors_that_it_can_have() => Assert.All(Api.Operations, operation =>
    {
        var needed = new List<int>();
        if (operation.Keys.Count > 0)
            needed.AddRange([401, 429, 500, 503]);
        if (operation.Keys.Count > 0 && Changes.Contains(operation.Method))
            needed.Add(403);
        if (operation.Parameters.Any(parameter => parameter["in"]!.GetValue<string>() == "query"))
            needed.Add(400);
        if (operation.Body is not null)
            needed.AddRange([400, 413, 415]);
        if (operation.Path.Contains('{', StringComparison.Ordinal))
            needed.Add(404);
        Assert.Empty(needed.Except(operation.Statuses).Select(status => $"{operation.Id}: {status}"));
        Assert.Contains(operation.Statuses, status => status < 300);
    });

    [Fact]
    public void Errors_are_problems() => Assert.All(
        Api.Operations.SelectMany(operation => operation.Statuses.Where(status => status >= 400)
            .Select(status => (Name: $"{operation.Id} {status}", Content: operation.Answer(status)!["content"]!.AsObject()))),
        error => Assert.True(
            error.Content.ContainsKey("application/problem+json") || error.Name.StartsWith("Health", StringComparison.Ordinal),
            error.Name));

    [Fact]
    public void Each_reference_names_something() => Assert.All(
        Reference().Matches(Api.Document.ToJsonString()).Select(match => match.Groups[1].Value).Distinct(),
        reference => Api.Resolve(new JsonObject { ["$ref"] = reference }));

    [Fact]
    public void Nothing_is_described_that_no_operation_uses()
    {
        var used = Reference().Matches(Api.Document.ToJsonString()).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Empty(Api.Document["components"]!.AsObject()
            .Where(kind => kind.Key != "securitySchemes")
            .SelectMany(kind => kind.Value!.AsObject().Select(component => $"#/components/{kind.Key}/{component.Key}"))
            .Except(used));
    }

    [Fact]
    public void Each_type_of_an_answer_is_described_with_its_properties()
    {
        var faults = new List<string>();
        var types = Types();
        foreach (var type in types)
        {
            if (Api.Schemas[type.Type.Name] is not JsonObject schema)
                faults.Add($"{type.Type.Name} is not described.");
            else
                faults.AddRange(Compare(type, schema));
        }

        faults.AddRange(Api.Schemas.Select(schema => schema.Key)
            .Except(types.Select(type => type.Type.Name))
            .Where(name => name != "Problem")
            .Select(name => $"{name} is described, and no type has this name."));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void The_version_is_that_of_the_app() => Assert.Equal(
        typeof(StatusFunction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
        Api.Document["info"]!["version"]!.GetValue<string>());

    [Fact]
    public async Task The_description_is_served_without_a_key()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var response = await host.Client.GetAsync("openapi.json", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            Repository.Read("Functions/openapi.json"), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_property_that_is_not_described_is_a_fault()
    {
        var schema = new JsonObject { ["$ref"] = "#/components/schemas/ReplayReport" };
        Assert.Empty(Faults("""{"id":"1-0","entryId":"2-0"}"""));
        Assert.NotEmpty(Faults("""{"id":"1-0","entryId":"2-0","more":1}"""));
        Assert.NotEmpty(Faults("""{"id":"1-0"}"""));
        Assert.NotEmpty(Faults("""{"id":"1-0","entryId":2}"""));

        IReadOnlyList<string> Faults(string json)
        {
            using var document = JsonDocument.Parse(json);
            return Api.Faults(schema, document.RootElement);
        }
    }

    // All types that the answers and bodies have, and the types of their properties.
    private static JsonTypeInfo[] Types()
    {
        var found = new Dictionary<Type, JsonTypeInfo>();
        foreach (var context in typeof(StatusFunction).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JsonSerializerContext))))
        {
            var options = ((JsonSerializerContext)context.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!
                .GetValue(null)!).Options;
            var roots = context.GetCustomAttributesData()
                .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
                .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!);
            foreach (var root in roots)
                Add(options.GetTypeInfo(root), options);
        }

        return [.. found.Values];

        void Add(JsonTypeInfo type, JsonSerializerOptions options)
        {
            if (type.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary)
                Add(options.GetTypeInfo(type.ElementType!), options);
            if (Nullable.GetUnderlyingType(type.Type) is { } inner)
                Add(options.GetTypeInfo(inner), options);
            if (type.Kind != JsonTypeInfoKind.Object || !found.TryAdd(type.Type, type))
                return;
            foreach (var property in type.Properties)
                Add(options.GetTypeInfo(property.PropertyType), options);
        }
    }

    private static IEnumerable<string> Compare(JsonTypeInfo type, JsonObject schema)
    {
        var name = type.Type.Name;
        var described = schema["properties"]!.AsObject();
        foreach (var missing in type.Properties.Select(property => property.Name).Except(described.Select(property => property.Key)))
            yield return $"{name}.{missing} is not described.";
        foreach (var unknown in described.Select(property => property.Key).Except(type.Properties.Select(property => property.Name)))
            yield return $"{name}.{unknown} is described, and the type does not have it.";
        var required = (schema["required"]?.AsArray() ?? []).Select(one => one!.GetValue<string>()).ToHashSet();
        var isBody = name.EndsWith("Body", StringComparison.Ordinal);
        foreach (var property in type.Properties.Where(property => described.ContainsKey(property.Name)))
        {
            // An answer leaves out what has a condition, and nothing else.
            if (!isBody && required.Contains(property.Name) != property.ShouldSerialize is null)
                yield return $"{name}.{property.Name} is {(property.ShouldSerialize is null ? "always" : "not always")} there.";
            var expected = Shape(type.Options.GetJsonSchemaAsNode(
                property.PropertyType, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true }));
            var isNullable = property.IsGetNullable && property.ShouldSerialize is null && !isBody;
            var actual = Shape(described[property.Name]!);
            if (expected is not null && actual is not null && actual.Except(["null"]).Except(expected).Any())
                yield return $"{name}.{property.Name} is {string.Join('|', actual)}: it must be {string.Join('|', expected)}.";
            if (!isBody && actual is not null && actual.Contains("null") != isNullable)
                yield return $"{name}.{property.Name} can{(isNullable ? "" : "not")} be null.";
        }
    }

    // The types that a schema allows; null where it does not say.
    private static HashSet<string>? Shape(JsonNode schema)
    {
        if (schema is not JsonObject node)
            return null;
        if (node["$ref"] is not null)
            return ["object"];
        if (node["oneOf"] is JsonArray several)
            return [.. several.SelectMany(one => Shape(one!) ?? [])];
        return node["type"] switch
        {
            JsonArray types => [.. types.Select(one => one!.GetValue<string>())],
            JsonValue one => [one.GetValue<string>()],
            _ => null,
        };
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("""
        "\$ref":"([^"]+)"
        """)]
    private static partial Regex Reference();
}
