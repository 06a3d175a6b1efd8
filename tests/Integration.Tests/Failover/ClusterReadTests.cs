using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests reads of a stream whose slot has moved to another shard, which the client does not know yet.</summary>
public sealed class ClusterReadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The first read makes the reader ask without waiting when it returns as many entries as it asked for, and wait otherwise.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_read_after_the_slot_has_moved_returns_the_entries(int asked)
    {
        await using var cluster = await ClusterPartition.StartAsync();
        var partition = cluster.Partition;
        await using var group = partition.Join("one", TimeSpan.FromMinutes(1));
        await Mails.AppendAsync(partition.Stream, 1);
        Assert.Single(await group.Reader.ReadAsync(asked, TimeSpan.FromSeconds(10), Cancel));
        await cluster.Servers.MigrateSlotOfAsync(partition.Keys.Stream.ToString(), () => Task.CompletedTask, Cancel);
        await Mails.AppendAsync(partition.Stream, 3);

        var read = await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal([2u, 3], read.Select(delivery => delivery.Message!.Uid));
    }

    [Fact]
    public async Task A_large_read_after_the_slot_has_moved_returns_the_entries()
    {
        await using var cluster = await ClusterPartition.StartAsync();
        var partition = cluster.Partition;
        await using var group = partition.Join("one", TimeSpan.FromMinutes(1));
        await Mails.AppendAsync(partition.Stream, 125);
        Assert.Equal(125, (await group.Reader.ReadAsync(125, TimeSpan.FromSeconds(10), Cancel)).Count);
        await cluster.Servers.MigrateSlotOfAsync(partition.Keys.Stream.ToString(), () => Task.CompletedTask, Cancel);
        await Mails.AppendAsync(partition.Stream, 400);

        var read = await group.Reader.ReadAsync(250, TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal(Mails.UidRange(126, 375), read.Select(delivery => delivery.Message!.Uid));
    }
}
