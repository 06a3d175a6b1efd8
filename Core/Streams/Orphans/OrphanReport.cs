using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Orphans;

/// <summary>What the last orphan pass of a partition found. Redis keeps it, so that every process can show it.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Found">The bodies older than <c>Bodies:OrphanAge</c> that nothing refers to.</param>
/// <param name="Deleted">How many of them it deleted.</param>
/// <param name="Unknown">How many it kept, because Redis may have lost what refers to them.</param>
/// <param name="Total">All orphans that were ever deleted.</param>
public sealed record OrphanReport(DateTimeOffset At, long Found, long Deleted, long Unknown, long Total)
{
    private static readonly RedisValue[] Names = ["at", "found", "deleted", "unknown", "total"];

    internal static async Task<OrphanReport?> ReadAsync(IDatabase database, RedisKey key)
    {
        var values = await database.HashGetAsync(key, Names);
        return Number(values[0]) is > 0 and var at
            ? new OrphanReport(
                DateTimeOffset.FromUnixTimeMilliseconds(at), Number(values[1]), Number(values[2]), Number(values[3]), Number(values[4]))
            : null;
    }

    internal async Task WriteAsync(IDatabase database, RedisKey key)
    {
        // By its name: the client library writes several fields by HMSET, which our users have no right to.
        await database.ExecuteAsync(
            "HSET",
            [
                key, "at", At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                "found", Found, "deleted", Deleted, "unknown", Unknown,
            ]);
        if (Deleted > 0)
            await database.HashIncrementAsync(key, "total", Deleted);
    }

    // A damaged key does not hide the rest.
    private static long Number(RedisValue value) => value.TryParse(out long number) && number is >= 0 and < 1L << 46 ? number : 0;
}
