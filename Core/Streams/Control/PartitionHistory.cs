using System.Globalization;
using EmailIngestion.Redis;
using EmailIngestion.Telemetry;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Control;

/// <summary>
/// The last hour of a partition, minute by minute, in Redis, so that any process can show it. Each process adds what it has done: a call a
/// minute, or each five seconds while it does something.
/// </summary>
internal sealed class PartitionHistory(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    /// <summary>The minutes that are shown.</summary>
    public const int Minutes = 60;

    private const int Fields = 64;

    private long _reported;

    /// <summary>Adds what this process has done since the last call.</summary>
    public async Task AddAsync(PartitionActivity activity, long depth, CancellationToken cancellationToken)
    {
        var minute = Minute();
        var (appended, settled, deadLettered) = activity.Take();
        if (appended + settled + deadLettered == 0 && minute == _reported)
            return;
        try
        {
            var database = await connection.DatabaseAsync(cancellationToken);
            await database.ScriptEvaluateAsync(Scripts.History, [keys.History], [minute, appended, settled, deadLettered, depth]);
            _reported = minute;
        }
        catch
        {
            activity.Add(appended, settled, deadLettered);
            throw;
        }
    }

    /// <summary>Reads the last hour, oldest minute first. The last one has not ended.</summary>
    public async Task<IReadOnlyList<HistoryMinute>> ReadAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var values = await database.HashGetAsync(keys.History, [.. Enumerable.Range(0, Fields).Select(field => (RedisValue)field)]);
        var known = values.Select(value => Parse(value.ToString())).OfType<(long Minute, HistoryMinute Item)>()
            .DistinctBy(one => one.Minute).ToDictionary(one => one.Minute, one => one.Item);
        var now = Minute();
        return [.. Enumerable.Range(1 - Minutes, Minutes).Select(back => known.GetValueOrDefault(now + back) ?? Unknown(now + back))];
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
