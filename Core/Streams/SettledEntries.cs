using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Removes settled entries from a stream. It trims those below the lowest pending entry and sweeps those above it.</summary>
internal sealed class SettledEntries(StreamKeys keys, RedisConnection connection)
{
    // The limits of one script call. Redis serves no other client meanwhile.
    private const int EntriesAtOnce = 100;
    private const int BytesAtOnce = 1024 * 1024;

    /// <summary>Trims the entries below the lowest one that any group still needs. Returns how many.</summary>
    public Task<long> TrimAsync(CancellationToken cancellationToken) => TrimAsync(starts: false, cancellationToken);

    /// <summary>
    /// Trims when a process starts, before it reads or appends. Entries that vanished while no process ran are counted now, and Redis
    /// learns the lag of a new group.
    /// </summary>
    public Task BeginAsync(CancellationToken cancellationToken) => TrimAsync(starts: true, cancellationToken);

    /// <summary>Asks how many entries the stream has. It reads no entry.</summary>
    public async Task<StreamLoad> LoadAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = (long[])(await database.ScriptEvaluateAsync(Scripts.StreamLoad, [keys.Stream], []))!;
        return new StreamLoad(reply[0], reply[1], reply[2] < 0 ? null : reply[2], reply[3]);
    }

    /// <summary>
    /// Trims. If more than <paramref name="allowed"/> settled entries are left, because a pending entry is below them, it sweeps too.
    /// </summary>
    /// <returns>The stream's load afterwards.</returns>
    public async Task<StreamLoad> ClearAsync(long allowed, CancellationToken cancellationToken)
    {
        StreamLoad load;
        try
        {
            await TrimAsync(cancellationToken);
        }
        finally
        {
            // The sweep makes room even when the trim fails.
            load = await SweepAboveAsync(allowed, cancellationToken);
        }

        return load;
    }

    /// <summary>Deletes every settled entry below the last delivered one, in parts. Returns how many.</summary>
    /// <param name="entriesAtOnce">The most entries that one call deletes.</param>
    /// <param name="bytesAtOnce">The bytes after which one call reads no more entries.</param>
    /// <param name="cancellationToken">Ends the sweep between two parts.</param>
    internal async Task<long> SweepAsync(int entriesAtOnce, int bytesAtOnce, CancellationToken cancellationToken)
    {
        long swept = 0;
        var from = (RedisValue)"-";
        do
        {
            var database = await connection.DatabaseAsync(cancellationToken);
            var reply = await database.ScriptEvaluateAsync(Scripts.Sweep, [keys.Stream, keys.Vanished], [from, entriesAtOnce, bytesAtOnce]);
            swept += (long)reply[0];
            from = (RedisValue)reply[1];
        }
        while (from != "-" && !cancellationToken.IsCancellationRequested);
        return swept;
    }

    private async Task<StreamLoad> SweepAboveAsync(long allowed, CancellationToken cancellationToken)
    {
        var load = await LoadAsync(cancellationToken);
        if (load.Settled <= allowed)
            return load;
        await SweepAsync(EntriesAtOnce, BytesAtOnce, cancellationToken);
        return await LoadAsync(cancellationToken);
    }

    private async Task<long> TrimAsync(bool starts, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (long)await database.ScriptEvaluateAsync(Scripts.Trim, [keys.Stream, keys.Vanished], [StreamKeys.Group, starts ? 1 : 0]);
    }
}
