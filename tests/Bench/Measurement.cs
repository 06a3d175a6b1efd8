using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench;

/// <summary>The results of one side, one for each round.</summary>
/// <param name="count">The emails of one round.</param>
internal sealed class Measurement(int count)
{
    private readonly List<SideResult> _results = [];

    public IReadOnlyList<SideResult> Results => _results;

    /// <summary>The emails a second of each round.</summary>
    public IReadOnlyList<double> Rates => [.. _results.Select(result => count / result.Seconds)];

    /// <summary>The processor time of an email in each round, of the side and of Redis, in µs.</summary>
    public IReadOnlyList<double> Costs => [.. _results.Select(result => Each(result.CpuSeconds + result.RedisCpuSeconds))];

    /// <summary>The medians of the processor time of an email.</summary>
    public SideCost Cost => new(
        BenchRow.Median([.. _results.Select(result => Each(result.CpuSeconds))]),
        BenchRow.Median([.. _results.Select(result => Each(result.RedisCpuSeconds))]));

    public void Add(SideResult result) => _results.Add(result);

    private double Each(double seconds) => Math.Round(1e6 * seconds / count, 2);
}
