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

    /// <summary>How many of its writes were taken.</summary>
    public int Taken { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var group = partition.Join(Name, WorkerSettings.Lease);
            var deliveries = await group.ReadAsync(Most, Block, cancellationToken);
            if (deliveries.Count == 0)
                return;
            while (await HasAsync(cancellationToken))
                await Task.Delay(Look, time, cancellationToken);

            await group.ReleaseAsync(deliveries, cancellationToken);
            Taken += (await group.RenewAsync(deliveries, cancellationToken)).Count(renewed => renewed);
            Taken += (await group.SettleAsync(deliveries, cancellationToken)).Count(settled => settled == SettleResult.Settled);
        }
        catch (Exception e) when (RedisAway.Is(e))
        {
            // Another fault came between; its deliveries are reclaimed.
        }
    }

    private async Task<bool> HasAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (await database.StreamPendingMessagesAsync(partition.Keys.Stream, StreamKeys.Group, 1, Name)).Length > 0;
    }
}
