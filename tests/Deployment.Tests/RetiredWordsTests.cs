using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>Names, comments, messages and documents use the words of the field. A word that another has replaced is reported.</summary>
public sealed partial class RetiredWordsTests
{
    private static readonly HashSet<string> Extensions = new([".cs", ".lua", ".sh", ".yaml", ".md"], StringComparer.Ordinal);

    // The migration guide names the former system's guide and words. This file is the list.
    private static readonly string[] Exempt =
        [Path.Combine("docs", "migration.md"), Path.Combine("tests", "Deployment.Tests", "RetiredWordsTests.cs")];

    [Fact]
    public void No_file_uses_a_word_that_another_has_replaced()
    {
        var files = Directory.EnumerateFiles(Repository.Root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(file => Extensions.Contains(Path.GetExtension(file)) && !file.Split(Path.DirectorySeparatorChar).Any(IsGenerated))
            .Where(file => !Exempt.Contains(file, StringComparer.Ordinal))
            .Order(StringComparer.Ordinal).ToArray();
        Assert.True(files.Length >= 700, $"Only {files.Length} files were found.");

        var found = files.SelectMany(file => Find(file, Repository.Read(file))).ToArray();

        Assert.True(found.Length == 0, $"{found.Length} retired words:\n{string.Join('\n', found)}");
    }

    [Theory]
    [InlineData("a.cs", "public Task BuryAsync(Delivery delivery)")]
    [InlineData("a.cs", "var letters = await ListAsync();")]
    [InlineData("a.cs", "var partition = _seat.Partition;")]
    [InlineData("a.cs", "if (cursor.Suspect is null)")]
    [InlineData("a.cs", "/// <summary>Whoever reads first.</summary>")]
    [InlineData("a.cs", "// The circuit would stay open for\n    // ever.")]
    [InlineData("a.cs", "public void What_is_wrong_is_told()")]
    [InlineData("a.cs", "await HoldPollAsync();")]
    [InlineData("a.cs", "// The guide's flag.")]
    [InlineData("a.lua", "-- A letter of a former version.")]
    [InlineData("a.sh", "# Reads the folder anew.")]
    [InlineData("a.yaml", "summary: Emails were buried.")]
    [InlineData("a.md", "the entry is buried")]
    [InlineData("a.md", "a letter with its headers")]
    [InlineData("a.md", "deliveries that were given back")]
    [InlineData("a.md", "the seat of a partition")]
    [InlineData("a.md", "until the time-out")]
    [InlineData("a.md", "as the\nguide says")]
    public void A_retired_word_is_found(string file, string text) => Assert.Single(Find(file, $"one\n{text}\n"));

    [Theory]
    [InlineData("a.cs", "var deadLetters = keys.DeadLetters; // a dead letter and its dead-letter queue")]
    [InlineData("a.cs", "var id = entry[\"letter\"];")]
    [InlineData("a.cs", "char.IsAsciiLetterOrDigit(one) ? Nearness.FewLetters : 0 // Names have 1 to 64 letters, digits or '-'.")]
    [InlineData("a.cs", "// A suspected poison message whose lease expired: a timeout.")]
    [InlineData("a.lua", "redis.call('XADD', KEYS[3], 'letter', letter) -- the audit field 'letter'")]
    [InlineData("a.md", "`letter` is the field of a dead letter; see the guide to AKS")]
    public void A_word_of_the_field_is_not(string file, string text) => Assert.Empty(Find(file, text));

    private static bool IsGenerated(string folder) => folder is "bin" or "obj" or "artifacts" or "node_modules" or "TestResults" or ".git";

    /// <summary>Returns <c>file:line: word</c> for each retired word. A term may cross the end of a line.</summary>
    private static IEnumerable<string> Find(string file, string text)
    {
        text = Path.GetExtension(file) switch
        {
            ".lua" => LuaCode().Replace(text, ""), // Names inside scripts stay: the hash of a script is part of its tests.
            ".md" => MarkdownCode().Replace(text, match => new string('\n', match.Value.Count(one => one == '\n'))),
            _ => text,
        };
        text = Contracts().Replace(CommentStart().Replace(text, ""), "");
        text = WordStart().Replace(text, " ");
        return Retired().Matches(text)
            .Select(match => $"{file}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {Space().Replace(match.Value, " ")}");
    }

    // Whole words, also within a name such as BuryAsync, _seat or What_is_told.
    [GeneratedRegex(
        """
        \b(
          bur(y|ied|ies|ying|ials?) | seats? | upkeep | excuse[sd]? | suspects? | strays | stray\s+connections? | patience
        | anew | for\s+ever | whoever
        | (?<!\bdead[-\s]\s*)letters?
        | poll\s+leases? | (hold|drop)s?\s+poll | g(ive|ives|iven|ave|iving)\s+back | redis\s+(generation|reader)s?
        | (is|are|was|were)\s+told | nobody\s+is\s+left | of\s+its\s+own\s+accord | time-outs?
        | the\s+guide('?s)?(?!\s+to\b) | first\s+system
        )\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Retired();

    // The Redis fields "letter" (audit) and "told" (vanished), the key of a mailbox lock, names inside scripts, letters of the alphabet.
    [GeneratedRegex(
        """
        (["'])(letter|told)\1 | email_ingestion_poll_lease | \b(add|check)_letter\b | \bFewLetters\b | \bIs\w*Letter\w*
        | \b(letter[ ]by[ ]letter | letters,[ ]digits | (any|capital|other|small)[ ]letters?)\b | _any_letters_
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Contracts();

    // A script's lines up to a comment.
    [GeneratedRegex(@"^(?:(?!--).)*", RegexOptions.Multiline)]
    private static partial Regex LuaCode();

    [GeneratedRegex(@"^ *```.*?^ *```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex MarkdownCode();

    [GeneratedRegex(@"^[ \t]*(///?|--|\#)", RegexOptions.Multiline)]
    private static partial Regex CommentStart();

    // Between the words of a name.
    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|_")]
    private static partial Regex WordStart();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
