using System.Globalization;
using EmailIngestion.Telemetry;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Control;

/// <summary>Merges the latencies that all processes have added to the history, minute by minute.</summary>
internal sealed class LatencyMinutes
{
    /// <summary>The minutes that count, with the one that has not ended.</summary>
    public const int Minutes = 5;

    private const int Ring = 8;
    private const string Prefix = "latency:";

    private const int MaxProcesses = 1_000_000;

    // No count of emails is larger. Their sum does not overflow.
    private const long MaxCount = 1_000_000_000_000;

    private readonly long[] _queueWait = new long[LatencyCounts.Buckets];
    private readonly long[] _processing = new long[LatencyCounts.Buckets];

    private int _most;

    public static IEnumerable<RedisValue> Fields { get; } = [.. Enumerable.Range(0, Ring).Select(at => (RedisValue)(Prefix + at))];

    public LatencySummary? QueueWait => LatencyCounts.Summarize(_queueWait);

    public LatencySummary? Processing => LatencyCounts.Summarize(_processing);

    /// <summary>
    /// The most processes that have reported in one of the minutes, since no minute knows which ones another has counted; 0 without
    /// latencies. A process reports in each minute until its last latency is as old.
    /// </summary>
    public int Processes => QueueWait is null && Processing is null ? 0 : _most;

    /// <summary>The arguments of history.lua for what a process has taken.</summary>
    public static IEnumerable<RedisValue> Arguments(TakenActivity taken) =>
    [
        .. taken.QueueWait.SelectMany(one => new RedisValue[] { $"q{one.Bucket}", one.Count }),
        .. taken.Processing.SelectMany(one => new RedisValue[] { $"p{one.Bucket}", one.Count }),
    ];

    /// <summary>Merges the fields' values. What is older, and what somebody else has written, does not count.</summary>
    public static LatencyMinutes Read(IEnumerable<RedisValue> values, long now)
    {
        var merged = new LatencyMinutes();
        foreach (var words in values.Select(value => value.ToString().Split(' ')))
        {
            if (words.Length > 1 && Number(words[0]) is { } minute && minute > now - Minutes && minute <= now
                && Number(words[1]) is { } processes and < MaxProcesses)
                merged.Add((int)processes, words.Skip(2));
        }

        return merged;
    }

    private void Add(int processes, IEnumerable<string> buckets)
    {
        _most = Math.Max(_most, processes);
        foreach (var bucket in buckets)
        {
            if (bucket.Split(':') is [['q' or 'p', .. var at] name, var count] && Number(at) is { } index and < LatencyCounts.Buckets
                && Number(count) is { } number and < MaxCount)
                (name[0] == 'q' ? _queueWait : _processing)[index] += number;
        }
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
