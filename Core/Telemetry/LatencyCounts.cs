namespace EmailIngestion.Telemetry;

/// <summary>Counts latencies in buckets that grow by a quarter, from a millisecond to some days, until the counts are taken.</summary>
internal sealed class LatencyCounts
{
    /// <summary>The number of buckets.</summary>
    public const int Buckets = 90;

    private const double First = 0.001;
    private const double Growth = 1.25;

    private readonly long[] _counts = new long[Buckets];

    public void Record(TimeSpan latency)
    {
        var bucket = latency.TotalSeconds <= First ? 0 : (int)Math.Ceiling(Math.Log(latency.TotalSeconds / First, Growth));
        Add(Math.Min(bucket, Buckets - 1), 1);
    }

    /// <summary>Adds to one bucket.</summary>
    public void Add(int bucket, long count) => Interlocked.Add(ref _counts[bucket], count);

    /// <summary>Takes the counts of the buckets that have some. All start again at 0.</summary>
    public IReadOnlyList<(int Bucket, long Count)> Take()
    {
        var taken = new List<(int, long)>();
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            if (Interlocked.Exchange(ref _counts[bucket], 0) is var count and > 0)
                taken.Add((bucket, count));
        }

        return taken;
    }

    /// <summary>The percentiles of such counts; null without a latency.</summary>
    public static LatencySummary? Summarize(IReadOnlyList<long> counts)
    {
        var total = counts.Sum();
        return total == 0 ? null : new LatencySummary(Of(0.5), Of(0.95), Of(0.99));

        double Of(double part)
        {
            var (seen, bucket) = (counts[0], 0);
            while (seen < Math.Ceiling(total * part))
                seen += counts[++bucket];
            return Math.Round(First * Math.Pow(Growth, bucket), 4);
        }
    }
}
