using EmailIngestion.Telemetry;
using Xunit;

namespace EmailIngestion.Core.Tests.Telemetry;

public sealed class LatencyCountsTests
{
    private readonly LatencyCounts _counts = new();

    [Fact]
    public void Without_a_latency_there_are_no_percentiles() => Assert.Null(Read());

    [Fact]
    public void Percentiles_are_right_to_within_a_quarter()
    {
        for (var i = 1; i <= 1_000; i++)
            _counts.Record(TimeSpan.FromMilliseconds(i));
        var read = Read()!;
        Assert.InRange(read.P50, 0.5, 0.5 * 1.25);
        Assert.InRange(read.P95, 0.95, 0.95 * 1.25);
        Assert.InRange(read.P99, 0.99, 0.99 * 1.25);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1e9)]
    public void A_latency_out_of_range_counts_at_its_end(double seconds)
    {
        _counts.Record(TimeSpan.FromSeconds(seconds));
        Assert.InRange(Read()!.P99, 0.001, 1e7);
    }

    [Fact]
    public void Counts_are_taken_once_and_may_be_added_again()
    {
        _counts.Record(TimeSpan.FromSeconds(1));
        var taken = _counts.Take();
        Assert.Empty(_counts.Take());
        foreach (var (bucket, count) in taken)
            _counts.Add(bucket, count);
        Assert.Equal(taken, _counts.Take());
    }

    private LatencySummary? Read()
    {
        var counts = new long[LatencyCounts.Buckets];
        foreach (var (bucket, count) in _counts.Take())
            counts[bucket] = count;
        return LatencyCounts.Summarize(counts);
    }
}
