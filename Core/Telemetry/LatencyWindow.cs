namespace EmailIngestion.Telemetry;

/// <summary>Counts latencies of the last minutes in buckets that grow by a quarter, from a millisecond to some days.</summary>
internal sealed class LatencyWindow(TimeProvider time)
{
    private const int Minutes = 5;
    private const double First = 0.001;
    private const double Growth = 1.25;
    private const int Buckets = 90;

    private readonly Lock _gate = new();

    // A minute more than is summed up, for the one that has begun.
    private readonly int[][] _counts = [.. Enumerable.Range(0, Minutes + 1).Select(_ => new int[Buckets])];
    private readonly long[] _minutes = new long[Minutes + 1];

    public void Record(TimeSpan latency)
    {
        var bucket = latency.TotalSeconds <= First ? 0 : (int)Math.Ceiling(Math.Log(latency.TotalSeconds / First, Growth));
        var minute = Minute();
        var slot = (int)(minute % (Minutes + 1));
        lock (_gate)
        {
            if (_minutes[slot] != minute)
            {
                Array.Clear(_counts[slot]);
                _minutes[slot] = minute;
            }

            _counts[slot][Math.Min(bucket, Buckets - 1)]++;
        }
    }

    /// <summary>The percentiles of the last five minutes; null without a latency.</summary>
    public LatencySummary? Read()
    {
        var sums = new long[Buckets];
        var since = Minute() - Minutes;
        lock (_gate)
        {
            for (var slot = 0; slot <= Minutes; slot++)
            {
                for (var bucket = 0; _minutes[slot] > since && bucket < Buckets; bucket++)
                    sums[bucket] += _counts[slot][bucket];
            }
        }

        var total = sums.Sum();
        return total == 0 ? null : new LatencySummary(Of(0.5), Of(0.95), Of(0.99));

        double Of(double part)
        {
            var (seen, bucket) = (sums[0], 0);
            while (seen < Math.Ceiling(total * part))
                seen += sums[++bucket];
            return Math.Round(First * Math.Pow(Growth, bucket), 4);
        }
    }

    private long Minute() => time.GetTimestamp() / time.TimestampFrequency / 60;
}
