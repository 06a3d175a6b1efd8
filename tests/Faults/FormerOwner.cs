using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// A consumer that takes deliveries and stands still until others have them, and then writes all the same: none of it may be taken. Not where
/// failovers make it the owner again, for what it says it has done was never done.
/// </summary>
internal sealed class FormerOwner(StreamPartition partition, RedisConnection connection, TimeProvider time)
{
    private const string Name = "former owner";
    private const int Most = 10;

    private static readonly TimeSpan Block = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How many of its writes were taken.</summary>
    public int Taken { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Once, unless other faults are in its way for too long.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < AnswerTimeout)
        {
            try
            {
                if (await TryAsync(cancellationToken))
                    return;
            }
            catch (Exception e) when (RedisErrors.IsRedis(e))
            {
                // Whatever it had is reclaimed.
                await Task.Delay(Block, time, cancellationToken);
            }
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        await using var group = partition.Join(Name, WorkerSettings.Lease);
        var deliveries = await group.ReadAsync(Most, Block, cancellationToken);
        if (deliveries.Count == 0)
            return false;
        while (await HasAsync(cancellationToken))
            await Task.Delay(Look, time, cancellationToken);

        await group.ReleaseAsync(deliveries, cancellationToken);
        Count(await group.RenewAsync(deliveries, cancellationToken));
        Count((await group.SettleAsync(deliveries, cancellationToken)).Select(settled => settled == SettleResult.Settled));
        return true;
    }

    private async Task<bool> HasAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (await database.StreamPendingMessagesAsync(partition.Keys.Stream, StreamKeys.Group, 1, Name)).Length > 0;
    }

    private void Count(IEnumerable<bool> taken)
    {
        foreach (var one in taken)
            (Taken, Refused) = one ? (Taken + 1, Refused) : (Taken, Refused + 1);
    }
}
