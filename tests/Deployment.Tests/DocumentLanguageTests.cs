using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The documents keep to the words of the field and to their columns. Code and names in it are not words.</summary>
public sealed partial class DocumentLanguageTests
{
    // The only document that may name the former system's guide.
    private const string Migration = "migration.md";

    private static readonly string[] Files =
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Repository.File("docs"), "*.md"),
        Repository.File("keda", "README.md"),
    ];

    [Fact]
    public void No_document_uses_a_word_that_another_has_replaced()
    {
        Assert.True(Files.Length >= 13);
        Assert.All(Files, file => Assert.All(
            Sentences(File.ReadAllText(file)),
            text => Assert.False(IsRetired(text, file), $"{Path.GetFileName(file)}: {Retired().Match(text)}: {text}")));
    }

    [Theory]
    [InlineData("the entry is buried")]
    [InlineData("a letter with its headers")]
    [InlineData("deliveries that were given back")]
    [InlineData("read anew at each start")]
    [InlineData("whoever comes first")]
    [InlineData("the seat of a partition")]
    [InlineData("until the time-out")]
    [InlineData("as the guide says")]
    public void A_retired_word_is_found(string text) => Assert.Matches(Retired(), text);

    [Theory]
    [InlineData("a dead letter and its dead-letter queue")]
    [InlineData("a suspected poison message")]
    [InlineData("the guide to AKS")]
    [InlineData("a timeout")]
    public void A_word_of_the_field_is_not(string text) => Assert.DoesNotMatch(Retired(), text);

    [Fact]
    public void Lines_end_at_160_columns_except_table_rows_and_code() => Assert.All(Files, file =>
    {
        var isCode = false;
        foreach (var line in File.ReadLines(file))
        {
            isCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            var isFree = isCode || line.StartsWith('|') || line.StartsWith("`ACL ", StringComparison.Ordinal);
            Assert.True(isFree || line.Length <= 160, $"{Path.GetFileName(file)}: {line.Length} columns: {line}");
        }
    });

    private static bool IsRetired(string text, string file) =>
        Retired().Match(text) is { Success: true } match
        && !(Path.GetFileName(file) == Migration && match.Value.Contains("guide", StringComparison.OrdinalIgnoreCase));

    // Paragraphs, so that a term may lie across the end of a line; each table row is one by itself.
    private static IEnumerable<string> Sentences(string text) =>
        Code().Replace(text, "").Replace("\n|", "\n\n|", StringComparison.Ordinal).Split("\n\n")
            .Select(part => Space().Replace(part, " "));

    [GeneratedRegex(
        """
        \b(bur(y|ied|ies|ying|ial)\w* | upkeep | seats? | excuse[sd]? | suspects? | timeout | anew | for\ ever | whoever | strays?
        | poll\ lease | g(ive|ives|iven|ave|iving)\ back | nobody\ is\ left | time-outs? | the\ guide(?!\ to\b)('s)? | first\ system)\b
        | (?<!\bdead[-\ ])\bletters?\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Retired();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^ *```.*?^ *```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
