using System.Globalization;
using EmailIngestion.Redis;
using EmailIngestion.Telemetry;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Control;

/// <summary>
/// The last hour of a partition, minute by minute, and its latencies, in Redis, so that any process can show those of all. Each process
/// adds what it has done: a call a minute, or each five seconds while it does something.
/// </summary>
internal sealed class PartitionHistory(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    /// <summary>The minutes that are shown.</summary>
    public const int Minutes = 60;

    private const int Fields = 64;

    private long _reported;

    // The minute of the last latency, and the minute in which this process was last counted.
    private long _worked = long.MinValue;
    private long _counted = long.MinValue;

    /// <summary>Adds what this process has done since the last call.</summary>
    public async Task AddAsync(PartitionActivity activity, long depth, CancellationToken cancellationToken)
    {
        var minute = Minute();
        var taken = activity.Take();
        if (taken.IsEmpty && minute == _reported)
            return;
        if (taken.HasLatencies)
            _worked = minute;
        var counts = minute != _counted && _worked > minute - LatencyMinutes.Minutes;
        try
        {
            var database = await connection.DatabaseAsync(cancellationToken);
            await database.ScriptEvaluateAsync(
                Scripts.History,
                [keys.History],
                [
                    minute, taken.Appended, taken.Settled, taken.DeadLettered, depth, counts ? 1 : 0, .. LatencyMinutes.Arguments(taken),
                ]);
            _reported = minute;
            if (counts)
                _counted = minute;
        }
        catch
        {
            activity.Return(taken);
            throw;
        }
    }

    /// <summary>Reads what all processes have added.</summary>
    public async Task<PartitionPast> ReadAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var values = await database.HashGetAsync(
            keys.History, [.. Enumerable.Range(0, Fields).Select(field => (RedisValue)field), .. LatencyMinutes.Fields]);
        var known = values.Take(Fields).Select(value => Parse(value.ToString())).OfType<(long Minute, HistoryMinute Item)>()
            .DistinctBy(one => one.Minute).ToDictionary(one => one.Minute, one => one.Item);
        var now = Minute();
        var latencies = LatencyMinutes.Read(values.Skip(Fields), now);
        return new PartitionPast(
            [.. Enumerable.Range(1 - Minutes, Minutes).Select(back => known.GetValueOrDefault(now + back) ?? Unknown(now + back))],
            latencies.QueueWait,
            latencies.Processing,
            latencies.Processes);
    }

    private long Minute() => time.GetUtcNow().ToUnixTimeSeconds() / 60;

    private static HistoryMinute Unknown(long minute) => new(At(minute), null, null, null, null);

    private static DateTimeOffset At(long minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60);

    // Somebody may have written something else.
    private static (long Minute, HistoryMinute Item)? Parse(string text)
    {
        var numbers = text.Split(' ').Select(word =>
            long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (long?)null).ToArray();
        return numbers is [{ } minute and < 4_000_000_000, { } appended, { } settled, { } deadLettered, { } depth]
            ? (minute, new HistoryMinute(At(minute), appended, settled, deadLettered, depth))
            : null;
    }
}
