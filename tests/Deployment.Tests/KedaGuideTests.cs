using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>keda/README.md, the comments of the ScaledObject and docs/design.md describe KEDA 2.20.2 correctly.</summary>
public sealed partial class KedaGuideTests
{
    private static readonly string Guide = Repository.Read("keda", "README.md");

    // From that version on a trigger in fallback is active, as in `autoscale`.
    [Fact]
    public void The_README_asks_for_the_KEDA_whose_fallback_counts_as_active()
    {
        var versions = Newer().Matches(Guide).Select(match => match.Groups[1].Value);
        Assert.Equal(["2.19"], versions);
    }

    [Fact]
    public void The_documented_checks_say_what_kubectl_shows()
    {
        var rows = Guide.Split('\n').Where(line => line.StartsWith("| `… ", StringComparison.Ordinal)).ToArray();
        // kubectl shows two metrics, and at 0 replicas the HPA is off.
        var get = Assert.Single(rows, row => row.StartsWith("| `… get hpa`", StringComparison.Ordinal));
        Assert.Contains("`0/10 (avg), 0/100 (avg) + 1 more...`", get, StringComparison.Ordinal);
        Assert.Contains("At 0 replicas `<unknown>`", get, StringComparison.Ordinal);
        var describe = Assert.Single(rows, row => row.StartsWith("| `… describe hpa`", StringComparison.Ordinal));
        Assert.Contains("ValidMetricFound", describe, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keda", "README.md")]
    [InlineData("keda", "base", "consumer", "scaledobject.yaml")]
    [InlineData("docs", "design.md")]
    public void The_documents_say_what_the_fallback_is_for_and_what_not(params string[] file)
    {
        var text = Repository.Read(file);
        Assert.All(["NOGROUP", "NOPERM", "7.0", "kedacore/keda#5525"], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"KEDA (\d+\.\d+) or newer")]
    private static partial Regex Newer();
}
