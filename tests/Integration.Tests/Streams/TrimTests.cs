using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class TrimTests(TestServers servers)
{
    [Fact]
    public async Task Nothing_unread_is_trimmed()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 300);
        var before = await RedisState.OfAsync(partition);

        Assert.Equal(0, await partition.Partition.Stream.TrimAsync(CancellationToken.None));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task Entries_below_the_lowest_pending_one_are_trimmed_and_others_stay()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(6, TimeSpan.FromSeconds(1), CancellationToken.None);
        // 3 stays pending; 4 to 6 are settled behind it.
        await group.SettleAsync([.. deliveries.Where((_, index) => index != 2)], CancellationToken.None);

        Assert.Equal(2, await partition.Partition.Stream.TrimAsync(CancellationToken.None));

        Assert.Equal(Mails.UidRange(3, 10), await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal([$"{deliveries[2].EntryId} one 1"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(4, await LagAsync(partition));
    }

    [Fact]
    public async Task After_everything_is_settled_the_stream_is_empty_and_the_lag_known()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 150);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync(await group.Reader.ReadAsync(150, TimeSpan.FromSeconds(1), CancellationToken.None), CancellationToken.None);

        Assert.Equal(150, await partition.Partition.Stream.TrimAsync(CancellationToken.None));
        Assert.Equal(0, await LagAsync(partition));

        await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 150, Mails.Items(151, 153), Mails.Window, CancellationToken.None);
        Assert.Equal(3, await LagAsync(partition));
        Assert.Equal(0, await partition.Partition.Stream.TrimAsync(CancellationToken.None));
        Assert.Equal(Mails.UidRange(151, 153), await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task A_lag_that_a_failover_made_wrong_is_corrected_once_all_is_read()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(6, TimeSpan.FromSeconds(1), CancellationToken.None);
        // The state of a replica that had received only the first delivery.
        await partition.Database.ExecuteAsync(
            "XGROUP", "SETID", partition.Keys.Stream, StreamKeys.Group, deliveries[^1].EntryId, "ENTRIESREAD", 1);
        Assert.Equal(9, await LagAsync(partition));
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);
        Assert.Equal(9, await LagAsync(partition));

        await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(5, await LagAsync(partition));
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        Assert.Equal(0, await LagAsync(partition));
        Assert.Equal(10, (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length);
        await Mails.AppendAsync(partition.Partition.Stream, 12);
        Assert.Equal(2, await LagAsync(partition));
    }

    [Fact]
    public async Task Entries_that_another_group_has_not_read_stay()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        await partition.Database.StreamCreateConsumerGroupAsync(partition.Keys.Stream, "auditors", "0");
        await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, "auditors", "slow", ">", 4, noAck: true);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync(await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None), CancellationToken.None);

        Assert.Equal(4, await partition.Partition.Stream.TrimAsync(CancellationToken.None));

        Assert.Equal(Mails.UidRange(5, 10), await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(0, await LagAsync(partition));
        Assert.Equal(6, await LagAsync(partition, "auditors"));
    }

    [Fact]
    public async Task Entries_that_a_reset_group_has_to_read_again_stay()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None);
        await group.SettleAsync([.. deliveries.Take(9)], CancellationToken.None);
        // Sets the group back by hand, so that 4 to 9 are processed again while 10 is still in work.
        await partition.Database.StreamConsumerGroupSetPositionAsync(partition.Keys.Stream, StreamKeys.Group, deliveries[2].EntryId);

        Assert.Equal(3, await partition.Partition.Stream.TrimAsync(CancellationToken.None));

        Assert.Equal(Mails.UidRange(4, 10), await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Trimming_without_a_stream_does_nothing()
    {
        await using var partition = new TestPartition(servers);

        Assert.Equal(0, await partition.Partition.Stream.TrimAsync(CancellationToken.None));

        Assert.Empty(partition.AllKeys());
    }

    // Checks the raw reply, because null makes KEDA scale to zero.
    private static async Task<long?> LagAsync(TestPartition partition, string name = StreamKeys.Group) =>
        (await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream)).Single(group => group.Name == name).Lag;
}
