using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>A test shows every guarantee in docs/guarantees.md.</summary>
public sealed partial class GuaranteesTests
{
    private static readonly string[] Rows =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "docs", "guarantees.md"))
            .SkipWhile(line => line != "## Nothing lost").TakeWhile(line => line != "## Where an email may run again")
            .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal)
                && !line.StartsWith("| fault", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Every_row_names_a_test_that_exists()
    {
        Assert.True(Rows.Length > 30);
        Assert.All(Rows, row =>
        {
            var named = TestName().Matches(row);
            Assert.NotEmpty(named);
            Assert.All(named, test => Assert.True(Exists(test.Groups[1].Value, test.Groups[2].Value), test.Value));
        });
    }

    private static bool Exists(string type, string method) => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "tests"), $"{type}.cs", SearchOption.AllDirectories)
        .Any(file => File.ReadAllText(file) is var source
            && Regex.IsMatch(
                source, $@"\[(Fact|Theory)[^\]]*\](\s|\[(?:Inline|Member)Data\(.*\)\]|//.*)*public (async )?(Task|void) {method}\("));

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();
}
