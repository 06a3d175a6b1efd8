using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Dlq;

/// <summary>
/// Repairs the index of the dead letters. The scripts keep it; an older version does not, nor does a person who deletes dead letters by
/// hand.
/// </summary>
internal sealed class DeadLetterIndex(StreamKeys keys, RedisConnection connection)
{
    // The limits of one script call. Redis serves no other client meanwhile.
    private const int ReadAtOnce = 200;
    private const int BytesAtOnce = 1024 * 1024;
    private const int MostCounted = 20_000;

    /// <summary>Whether the index has as many dead letters as there are. It reads none.</summary>
    public async Task<bool> IsWholeAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(Scripts.Groups, [keys.DeadLetters], ["", 0, 0, "", 0]);
        return (int)reply[1] == 1;
    }

    /// <summary>Compares the index with the dead letters, in parts. Returns how many of its items were wrong or missing.</summary>
    public async Task<long> RepairAsync(CancellationToken cancellationToken) =>
        await WalkAsync(Scripts.IndexDeadLetters, cancellationToken)
        + await WalkAsync(Scripts.PruneIndex, cancellationToken)
        + await CheckGroupsAsync(cancellationToken);

    private async Task<long> WalkAsync(string script, CancellationToken cancellationToken)
    {
        long wrong = 0;
        var from = (RedisValue)"-";
        while (!from.IsNullOrEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var database = await connection.DatabaseAsync(cancellationToken);
            var reply = await database.ScriptEvaluateAsync(script, [keys.DeadLetters], [from, ReadAtOnce, BytesAtOnce]);
            wrong += (long)reply[0];
            from = (RedisValue)reply[1];
        }

        return wrong;
    }

    private async Task<long> CheckGroupsAsync(CancellationToken cancellationToken)
    {
        long wrong = 0;
        for (long rank = 0; rank >= 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var database = await connection.DatabaseAsync(cancellationToken);
            var reply = await database.ScriptEvaluateAsync(Scripts.CheckGroups, [keys.DeadLetters], [rank, ReadAtOnce, MostCounted]);
            wrong += (long)reply[0];
            rank = (long)reply[1];
        }

        return wrong;
    }
}
