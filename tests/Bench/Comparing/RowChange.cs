namespace EmailIngestion.Bench.Comparing;

/// <summary>How one row differs between two versions.</summary>
/// <param name="Key">The row.</param>
/// <param name="Before">The ratio to the peer in each round of the first version; the value itself where there is no peer.</param>
/// <param name="After">The same of the second version.</param>
/// <param name="HigherIsBetter">Whether a higher value is the better one.</param>
internal sealed record RowChange(RowKey Key, IReadOnlyList<double> Before, IReadOnlyList<double> After, bool HigherIsBetter)
{
    // Fewer pairs than these are on one side by chance too often.
    private const int FewestPairs = 3;

    /// <summary>The second version's value divided by the first's, of each pair of rounds, from the least to the most.</summary>
    public IReadOnlyList<double> Changes { get; } =
        [.. Before.Zip(After, (before, after) => after / before).Where(double.IsFinite).Order()];

    public double Median => BenchRow.Median(Changes);

    /// <summary>"better" or "worse" if all pairs say so, else "no difference that shows"; empty with too few pairs.</summary>
    public string Verdict => Changes.Count < FewestPairs ? ""
        : Changes[0] > 1 ? Word(HigherIsBetter)
        : Changes[^1] < 1 ? Word(!HigherIsBetter)
        : "no difference that shows";

    /// <summary>Compares two versions, each measured by one run or several. Rows that only one of them has are left out.</summary>
    public static IReadOnlyList<RowChange> Of(IReadOnlyList<BenchReport> before, IReadOnlyList<BenchReport> after)
    {
        var second = Values(after);
        return [.. Values(before)
            .Where(row => second.ContainsKey(row.Key))
            .Select(row => new RowChange(row.Key, row.Value.Values, second[row.Key].Values, row.Value.HigherIsBetter))];
    }

    private static Dictionary<RowKey, (List<double> Values, bool HigherIsBetter)> Values(IReadOnlyList<BenchReport> reports)
    {
        var values = new Dictionary<RowKey, (List<double> Values, bool HigherIsBetter)>();
        foreach (var row in reports.SelectMany(report => report.Rows))
        {
            values.TryAdd(RowKey.Of(row), ([], row.HigherIsBetter));
            values[RowKey.Of(row)].Values.AddRange(
                row.PeerRounds.Count > 0 ? row.OursRounds.Zip(row.PeerRounds, (ours, peer) => ours / peer) : row.OursRounds);
        }

        return values;
    }

    private static string Word(bool isBetter) => isBetter ? "better" : "worse";
}
