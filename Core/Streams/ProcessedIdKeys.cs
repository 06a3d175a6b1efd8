using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The keys of the scripts that ask for processed ids and add to them. They are kept for the day: for a small batch, building the key names
/// would cost more than the question itself.
/// </summary>
internal sealed class ProcessedIdKeys(StreamKeys keys, IOptions<StreamOptions> options, TimeProvider time)
{
    private Day? _day;

    /// <summary>For the script that asks: the stream, the newest large entry, then each day's set that may hold the ids.</summary>
    public RedisKey[] ToAsk() => Today().ToAsk;

    /// <summary>For the script that settles: the stream, today's and yesterday's sets, the postponed entries, the bodies.</summary>
    public RedisKey[] ToSettle() => Today().ToSettle;

    /// <summary>Reads the reply of the script that asks: for each of the ids whether it is processed.</summary>
    public static bool[] ReadReply(RedisResult reply, int count)
    {
        var processed = new bool[count];
        for (var i = 1; i < reply.Length; i++)
            processed[(int)reply[i] - 1] = true;
        return processed;
    }

    private Day Today()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (_day is { } known && known.Date == today)
            return known;
        // From tomorrow on: another process's clock may be ahead of this one's.
        var sets = Enumerable.Range(-1, options.Value.ProcessedRetention.Days + 2).Select(day => keys.ProcessedIds(today.AddDays(-day)));
        return _day = new Day(
            today,
            [keys.Stream, keys.NewestLarge, .. sets],
            [keys.Stream, keys.ProcessedIds(today), keys.ProcessedIds(today.AddDays(-1)), keys.Postponed, keys.Bodies.Referers]);
    }

    /// <param name="Date">UTC.</param>
    /// <param name="ToAsk">See <see cref="ProcessedIdKeys.ToAsk"/>.</param>
    /// <param name="ToSettle">See <see cref="ProcessedIdKeys.ToSettle"/>.</param>
    private sealed record Day(DateOnly Date, RedisKey[] ToAsk, RedisKey[] ToSettle);
}
