using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Clears settled entries from a stream: by trimming up to the lowest pending entry, and above it by sweeping.</summary>
internal sealed class SettledEntries(StreamKeys keys, RedisConnection connection)
{
    // What one call of the script does at most: Redis serves nobody else meanwhile.
    private const int EntriesAtOnce = 100;
    private const int BytesAtOnce = 1024 * 1024;

    /// <summary>Trims the entries below the lowest that any group still needs; answers how many went.</summary>
    public Task<long> TrimAsync(CancellationToken cancellationToken) => TrimAsync(begins: false, cancellationToken);

    /// <summary>
    /// Trims before a process reads or appends: what vanished while no process was here can be counted now, and the lag of a new group is made known.
    /// </summary>
    public Task BeginAsync(CancellationToken cancellationToken) => TrimAsync(begins: true, cancellationToken);

    /// <summary>Asks how much the stream holds. It looks at no entry.</summary>
    public async Task<StreamLoad> LoadAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = (long[])(await database.ScriptEvaluateAsync(Scripts.StreamLoad, [keys.Stream], []))!;
        return new StreamLoad(reply[0], reply[1], reply[2] < 0 ? null : reply[2], reply[3]);
    }

    /// <summary>
    /// Trims, and sweeps if more than <paramref name="allowed"/> settled entries are left then, because a pending entry lies below them.
    /// </summary>
    /// <returns>What the stream holds afterwards.</returns>
    public async Task<StreamLoad> ClearAsync(long allowed, CancellationToken cancellationToken)
    {
        StreamLoad load;
        try
        {
            await TrimAsync(cancellationToken);
        }
        finally
        {
            // A trim that fails does not keep the sweep from making room.
            load = await SweepAboveAsync(allowed, cancellationToken);
        }

        return load;
    }

    /// <summary>Deletes every settled entry below the last delivered one, in parts; answers how many went.</summary>
    /// <param name="entriesAtOnce">Entries that one call deletes at most.</param>
    /// <param name="bytesAtOnce">Bytes after which one call reads no further entry.</param>
    /// <param name="cancellationToken">Ends it between two parts.</param>
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

    private async Task<long> TrimAsync(bool begins, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (long)await database.ScriptEvaluateAsync(Scripts.Trim, [keys.Stream, keys.Vanished], [StreamKeys.Group, begins ? 1 : 0]);
    }
}
