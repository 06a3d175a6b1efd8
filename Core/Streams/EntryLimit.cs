using System.Globalization;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Asks Redis for the largest email that it accepts. It asks again after 30 seconds, because Redis's settings can change.
/// </summary>
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
        // The buffer also contains the end of the argument and the start of the next command.
        var queryBuffer = await ConfigurationAsync(server, "client-query-buffer-limit");
        var buffer = queryBuffer < long.MaxValue ? queryBuffer - 1024 : queryBuffer;
        var memory = (await RedisMemory.ReadAsync(server, options.MaxMemoryBytes)).Max;
        var limits = new EntryLimits(
            Math.Min(bulk, buffer),
            bulk <= buffer ? "proto-max-bulk-len" : "client-query-buffer-limit",
            memory > 0 ? (long)(memory * options.MaxMemoryRatio) : long.MaxValue,
            bulk);
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
            // A managed service or an ACL does not allow CONFIG.
            return long.MaxValue;
        }
    }
}
