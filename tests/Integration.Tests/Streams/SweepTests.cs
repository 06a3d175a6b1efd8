using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests the removal of settled entries above a pending one, which trimming cannot reach.</summary>
public sealed class SweepTests(TestServers servers)
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task Settled_entries_above_a_pending_one_go_and_its_delivery_is_unchanged()
    {
        await using var partition = await PartitionAsync(300);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await ReadAsync(group, 200);
        // The first and the hundredth stay pending.
        await group.SettleAsync([.. deliveries.Where((_, index) => index is not (0 or 99))], CancellationToken.None);
        await group.RetryAsync(deliveries[99], CancellationToken.None);
        var pending = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);

        var load = await partition.Partition.Stream.Settled.ClearAsync(0, CancellationToken.None);

        // The last delivered entry stays, because a deletion at or above it would make the lag unknown.
        Assert.Equal([1, 100, .. Mails.UidRange(200, 300)], await UidsAsync(partition));
        Assert.Equal(pending, await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(new StreamLoad(103, 102, 100, 2), load);
        Assert.Equal(new StreamCounts(103, 100, 100, 2), await ReadSnapshotAsync(partition));
    }

    [Fact]
    public async Task After_a_sweep_reading_and_settling_end_with_an_empty_stream_and_lag_0()
    {
        await using var partition = await PartitionAsync(50);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var first = await ReadAsync(group, 20);
        await group.SettleAsync([.. first.Skip(1)], CancellationToken.None);
        await partition.Partition.Stream.Settled.ClearAsync(0, CancellationToken.None);

        var rest = await ReadAsync(group, 100);
        Assert.Equal(new StreamCounts(32, 0, 0, 31), await ReadSnapshotAsync(partition));
        await group.SettleAsync([first[0], .. rest], CancellationToken.None);
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        Assert.Equal(Mails.UidRange(21, 50), rest.Select(delivery => delivery.Message!.Uid));
        Assert.Equal(new StreamCounts(0, 0, 0, 0), await ReadSnapshotAsync(partition));
        Assert.Equal(0, (await partition.ReadSnapshotAsync()).Vanished);
    }

    [Fact]
    public async Task As_many_settled_entries_as_allowed_stay()
    {
        await using var partition = await PartitionAsync(100);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync([.. (await ReadAsync(group, 51)).Skip(1)], CancellationToken.None);

        Assert.Equal(50, (await partition.Partition.Stream.Settled.ClearAsync(50, CancellationToken.None)).Settled);
        Assert.Equal(1, (await partition.Partition.Stream.Settled.ClearAsync(49, CancellationToken.None)).Settled);
    }

    [Fact]
    public async Task Entries_that_another_group_has_not_read_or_settled_stay()
    {
        await using var partition = await PartitionAsync(20);
        await partition.Database.StreamCreateConsumerGroupAsync(partition.Keys.Stream, "auditors", "0");
        var theirs = await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, "auditors", "slow", ">", 10);
        // The other group: 5 pending, 10 last delivered, 11 to 20 unread.
        await partition.Database.StreamAcknowledgeAsync(
            partition.Keys.Stream, "auditors", [.. theirs.Where((_, index) => index != 4).Select(entry => entry.Id)]);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await ReadAsync(group, 15);
        await group.SettleAsync([.. deliveries.Where((_, index) => index != 1)], CancellationToken.None);

        await partition.Partition.Stream.Settled.SweepAsync(256, Megabyte, CancellationToken.None);

        Assert.Equal([2, 5, .. Mails.UidRange(10, 20)], await UidsAsync(partition));
        Assert.Equal((5, 10), (await LagAsync(partition, StreamKeys.Group), await LagAsync(partition, "auditors")));
    }

    [Theory]
    [InlineData(1, Megabyte)]
    [InlineData(7, Megabyte)]
    [InlineData(1_000, 1)]
    [InlineData(1_000, Megabyte)]
    public async Task Steps_of_any_size_sweep_everything_together(int entriesAtOnce, int bytesAtOnce)
    {
        // More pending entries than one call reads.
        await using var partition = await PartitionAsync(1_000);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await ReadAsync(group, 900);
        await group.SettleAsync([.. deliveries.Where(delivery => delivery.Message!.Uid % 3 == 0)], CancellationToken.None);

        var swept = await partition.Partition.Stream.Settled.SweepAsync(entriesAtOnce, bytesAtOnce, CancellationToken.None);

        Assert.Equal(299, swept);
        Assert.Equal(Mails.UidRange(1, 1_000).Where(uid => uid % 3 != 0 || uid >= 900), await UidsAsync(partition));
        Assert.Equal(new StreamCounts(701, 100, 100, 600), await ReadSnapshotAsync(partition));
    }

    [Fact]
    public async Task One_call_stops_reading_at_its_byte_limit()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        for (var i = 0; i < 6; i++)
            await partition.Database.StreamAddAsync(partition.Keys.Stream, "raw", new byte[Megabyte]);
        var entries = await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "one", ">");
        await partition.Database.StreamAcknowledgeAsync(
            partition.Keys.Stream, StreamKeys.Group, [.. entries.Skip(1).Select(entry => entry.Id)]);

        var reply = await partition.Database.ScriptEvaluateAsync(
            Scripts.Sweep, [partition.Keys.Stream, partition.Keys.Vanished], ["-", 256, 2 * Megabyte]);

        Assert.Equal((2, entries[2].Id.ToString()), ((int)reply[0], (string)reply[1]!));
        Assert.Equal(4, await partition.Database.StreamLengthAsync(partition.Keys.Stream));
    }

    [Fact]
    public async Task Without_a_stream_a_group_or_a_delivery_nothing_is_swept()
    {
        await using var partition = new TestPartition(servers);
        Assert.Equal(0, await partition.Partition.Stream.Settled.SweepAsync(256, Megabyte, CancellationToken.None));
        Assert.Empty(partition.AllKeys());

        await partition.Database.StreamAddAsync(partition.Keys.Stream, "raw", "1");
        Assert.Equal(0, await partition.Partition.Stream.Settled.SweepAsync(256, Megabyte, CancellationToken.None));
        Assert.Equal(new StreamLoad(1, 1, 1, 0), await partition.Partition.Stream.Settled.LoadAsync(CancellationToken.None));

        await partition.EnsureGroupAsync();
        var before = await RedisState.OfAsync(partition);
        Assert.Equal(0, await partition.Partition.Stream.Settled.SweepAsync(256, Megabyte, CancellationToken.None));
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_vanished_key_of_another_type_stops_the_sweep_before_anything_is_deleted()
    {
        await using var partition = await PartitionAsync(10);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync([.. (await ReadAsync(group, 10)).Skip(1)], CancellationToken.None);
        await partition.Database.KeyDeleteAsync(partition.Keys.Vanished);
        await partition.Database.StringSetAsync(partition.Keys.Vanished, "not a hash");
        var before = await RedisState.OfAsync(partition);

        var error = await Assert.ThrowsAsync<RedisServerException>(
            () => partition.Partition.Stream.Settled.SweepAsync(256, Megabyte, CancellationToken.None));

        Assert.StartsWith("WRONGTYPE", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    private async Task<TestPartition> PartitionAsync(int mails)
    {
        var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await partition.Partition.Stream.Settled.BeginAsync(CancellationToken.None);
        await Mails.AppendAsync(partition.Partition.Stream, mails);
        return partition;
    }

    private static Task<IReadOnlyList<Delivery>> ReadAsync(ConsumerGroup group, int count) =>
        group.Reader.ReadAsync(count, TimeSpan.FromSeconds(1), CancellationToken.None);

    private static Task<uint[]> UidsAsync(TestPartition partition) => RedisState.UidsAsync(partition.Database, partition.Keys.Stream);

    private static Task<StreamCounts> ReadSnapshotAsync(TestPartition partition) =>
        StreamCounts.OfAsync(partition.Database, partition.Keys.Stream);

    private static async Task<long?> LagAsync(TestPartition partition, string name) =>
        (await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream)).Single(group => group.Name == name).Lag;
}
