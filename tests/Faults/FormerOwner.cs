using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// A consumer that reads deliveries, waits until others have reclaimed them, and then writes. Redis must refuse every write. It does not
/// run with failovers, which may make it the owner again, because it processes nothing.
/// </summary>
internal sealed class FormerOwner(StreamPartition partition, RedisConnection connection, TimeProvider time)
{
    private const string Name = "former owner";
    private const int Most = 10;

    private static readonly TimeSpan Block = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How many of its writes Redis accepted.</summary>
    public int Taken { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Runs once, unless other faults block it for too long.</summary>
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
                // All of its deliveries are reclaimed.
                await Task.Delay(Block, time, cancellationToken);
            }
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        await using var group = partition.Join(Name, WorkerSettings.Lease);
        var deliveries = await group.Reader.ReadAsync(Most, Block, cancellationToken);
        if (deliveries.Count == 0)
            return false;
        while (await HasAsync(cancellationToken))
            await Task.Delay(Interval, time, cancellationToken);

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
