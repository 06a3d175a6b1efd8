using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests a slot whose keys are on the next node already, while the former one still owns it and answers ASK.</summary>
public sealed class HalfMovedSlotTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_wait_for_a_half_moved_slot_with_a_reason_and_lose_nothing()
    {
        await using var cluster = await ClusterPartition.StartAsync();
        var partition = cluster.Partition;
        var stream = partition.Keys.Stream.ToString();
        await using var group = partition.Join("one", TimeSpan.FromMinutes(10));
        await Mails.AppendAsync(partition.Stream, 5);
        var first = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(10), Cancel);
        await cluster.Servers.MoveKeysOfSlotAsync(stream, () => Task.CompletedTask, Cancel);

        // Without blocking, and then with it.
        await WaitsAsync(() => group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), Cancel));
        await WaitsAsync(() => group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), Cancel));
        await WaitsAsync(() => group.Reader.ReadFittingAsync(2, Cancel));
        await WaitsAsync(() => group.AreProcessedAsync(first, Cancel));
        await WaitsAsync(() => group.SettleAsync(first, Cancel));
        // These have one key. The client library repeats them on the other node.
        Assert.Equal(5, (await partition.Inspector.ReadSnapshotAsync(details: true, Cancel)).Depth);
        Assert.Equal(first.Count, (await PendingAsync(cluster)).Length);

        await cluster.Servers.MigrateSlotOfAsync(stream, () => Task.CompletedTask, Cancel);
        Assert.All(await group.SettleAsync(first, Cancel), result => Assert.Equal(SettleResult.Settled, result));
        var rest = await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal([3u, 4, 5], rest.Select(delivery => delivery.Message!.Uid));
        Assert.All(await group.SettleAsync(rest, Cancel), result => Assert.Equal(SettleResult.Settled, result));
    }

    private static async Task<string[]> PendingAsync(ClusterPartition cluster) =>
        await RedisState.PendingAsync(await cluster.Connection.DatabaseAsync(Cancel), cluster.Partition.Keys.Stream);

    private static async Task WaitsAsync(Func<Task> command)
    {
        var error = await Record.ExceptionAsync(command);
        Assert.True(error is not null && RedisErrors.IsPassing(error), $"{error}");
        Assert.Contains("The Redis Cluster is moving", BriefError.Of(error), StringComparison.Ordinal);
    }
}
