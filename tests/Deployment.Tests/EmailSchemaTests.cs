using System.Text.Json.Nodes;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>docs/email.schema.json and the table of docs/email.md agree with the types of the parsed email.</summary>
public sealed class EmailSchemaTests
{
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
    // result of authentication are told once.
    private static IEnumerable<string> Fields(JsonNode schema, string prefix)
    {
        foreach (var (name, field) in schema["properties"]!.AsObject())
        {
            var path = prefix + name;
            yield return path;
            var (inner, innerPath) = field!["items"] is { } items ? (items, path + "[].") : (field, path + ".");
            if (inner["properties"] is not { } properties || IsTold(properties, path))
                continue;
            foreach (var more in Fields(inner, innerPath))
                yield return more;
        }
    }

    private static bool IsTold(JsonNode properties, string path) =>
        (properties["group"] is not null && path != "from") || (properties["selector"] is not null && path != "authentication.spf");
}
