using System.Globalization;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Asks Redis how large an email it takes, again after a while: the settings can be changed while it runs.</summary>
internal sealed class EntryLimit(RedisKey stream, StreamOptions options, TimeProvider time)
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(30);

    private EntryLimits? _known;
    private long _knownAt;

    public async Task<EntryLimits> ReadAsync(IDatabase database)
    {
        if (_known is { } known && time.GetElapsedTime(_knownAt) < Age)
            return known;
        var server = database.Multiplexer.PrimaryOf(stream);
        var bulk = await ConfigurationAsync(server, "proto-max-bulk-len");
        // The argument, its end, and what Redis has read of the next.
        var whole = await ConfigurationAsync(server, "client-query-buffer-limit");
        var buffer = whole < long.MaxValue ? whole - 1024 : whole;
        var memory = (await RedisMemory.ReadAsync(server, options.MaxMemoryBytes)).Max;
        var limits = new EntryLimits(
            Math.Min(bulk, buffer),
            bulk <= buffer ? "proto-max-bulk-len" : "client-query-buffer-limit",
            memory > 0 ? (long)(memory * options.MaxMemoryRatio) : long.MaxValue);
        (_known, _knownAt) = (limits, time.GetTimestamp());
        return limits;
    }

    private static async Task<long> ConfigurationAsync(IServer server, string name)
    {
        try
        {
            var settings = await server.ConfigGetAsync(name);
            return settings is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out var bytes) && bytes > 0
                ? bytes
                : long.MaxValue;
        }
        catch (RedisServerException)
        {
            // A managed Redis, or an ACL, does not tell.
            return long.MaxValue;
        }
    }
}
