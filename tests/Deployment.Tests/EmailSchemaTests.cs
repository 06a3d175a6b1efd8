using System.Text.Json;
using System.Text.Json.Nodes;
using EmailIngestion.Deployment.Tests.Support;
using Json.Schema;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>docs/email.schema.json and the table of docs/email.md agree with the types of the parsed email.</summary>
public sealed class EmailSchemaTests
{
    private static readonly string Golden = Repository.File("tests", "Core.Tests", "Messages", "Golden");
    private static readonly JsonSchema Schema = JsonSchema.FromText(Repository.Read("docs", "email.schema.json"));

    public static TheoryData<string> Emails => [.. Directory.EnumerateFiles(Golden, "*.json").Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Emails))]
    public void A_converted_email_is_valid_by_the_schema(string name)
    {
        using var email = JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden, name)));
        var results = Schema.Evaluate(email.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(results.IsValid, JsonSerializer.Serialize(results));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("attachments")]
    [InlineData("kind")]
    public void An_email_without_a_required_field_is_not_valid(string field)
    {
        var email = JsonNode.Parse(File.ReadAllText(Directory.EnumerateFiles(Golden, "*.json").First()))!.AsObject();
        Assert.True(email.Remove(field));
        using var document = JsonDocument.Parse(email.ToJsonString());
        Assert.False(Schema.Evaluate(document.RootElement).IsValid);
    }

    [Fact]
    public void The_schema_is_that_of_the_code()
    {
        var expected = EmailSchema.Write();
        var file = Repository.File("docs", "email.schema.json");
        if (File.Exists(file) && File.ReadAllText(file) == expected)
            return;
        var copy = Path.Combine(AppContext.BaseDirectory, "email.schema.json");
        File.WriteAllText(copy, expected);
        Assert.Fail($"docs/email.schema.json is not the schema of the code. The right one is in {copy}.");
    }

    [Fact]
    public void Every_field_has_a_row_and_every_row_is_a_field()
    {
        var fields = Fields(JsonNode.Parse(EmailSchema.Write())!, "").ToArray();
        Assert.True(fields.Length > 60);
        var rows = File.ReadLines(Repository.File("docs", "email.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);
        Assert.Equal(fields.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    // An object within the email has a row for each of its fields: "calendar.uid", "attachments[].size". The fields of a person and of a
    // result of authentication have rows once.
    private static IEnumerable<string> Fields(JsonNode schema, string prefix)
    {
        foreach (var (name, field) in schema["properties"]!.AsObject())
        {
            var path = prefix + name;
            yield return path;
            var (inner, innerPath) = field!["items"] is { } items ? (items, path + "[].") : (field, path + ".");
            if (inner["properties"] is not { } properties || HasRows(properties, path))
                continue;
            foreach (var more in Fields(inner, innerPath))
                yield return more;
        }
    }

    private static bool HasRows(JsonNode properties, string path) =>
        (properties["group"] is not null && path != "from") || (properties["selector"] is not null && path != "authentication.spf");
}
