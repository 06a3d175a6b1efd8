using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The documents keep their line length.</summary>
public sealed class DocumentLinesTests
{
    private static readonly string[] Files =
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Repository.File("docs"), "*.md"),
        Repository.File("keda", "README.md"),
    ];

    [Fact]
    public void Lines_end_at_160_columns_except_table_rows_and_code()
    {
        Assert.True(Files.Length >= 13);
        Assert.All(Files, Check);
    }

    private static void Check(string file)
    {
        var isCode = false;
        foreach (var line in File.ReadLines(file))
        {
            isCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            var isFree = isCode || line.StartsWith('|') || line.StartsWith("`ACL ", StringComparison.Ordinal);
            Assert.True(isFree || line.Length <= 160, $"{Path.GetFileName(file)}: {line.Length} columns: {line}");
        }
    }
}
