using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that one process owns a consumer's name, and that a consumer with pending entries is never deleted.</summary>
public sealed class ConsumerNameTests(TestServers servers)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_name_is_owned_by_one_process_and_refused_to_another()
    {
        await using var partition = new TestPartition(servers);
        await using var first = partition.Partition.Join("name {1}%", Lease);
        await using var second = partition.Partition.Join("name {1}%", Lease);

        Assert.True(await first.AcquireNameAsync(Life, CancellationToken.None));
        Assert.False(await second.AcquireNameAsync(Life, CancellationToken.None));
        Assert.True(await first.AcquireNameAsync(Life, CancellationToken.None));

        Assert.InRange((await partition.Database.KeyTimeToLiveAsync(partition.Keys.Consumer("name {1}%")))!.Value, Life / 2, Life);
    }

    [Fact]
    public async Task A_name_whose_process_died_is_free_when_it_expires()
    {
        await using var partition = new TestPartition(servers);
        await using var former = partition.Partition.Join("name", Lease);
        await using var next = partition.Partition.Join("name", Lease);
        Assert.True(await former.AcquireNameAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None));

        await Eventually.TrueAsync(() => next.AcquireNameAsync(Life, CancellationToken.None), "the name is free");

        Assert.False(await former.AcquireNameAsync(Life, CancellationToken.None));
    }

    [Fact]
    public async Task A_consumer_that_unregisters_with_nothing_pending_is_deleted()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("one", Lease);
        await group.AcquireNameAsync(Life, CancellationToken.None);
        await group.SettleAsync(await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None), CancellationToken.None);

        await group.UnregisterAsync(CancellationToken.None);

        Assert.Empty(await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("one")));
    }

    [Fact]
    public async Task A_consumer_that_unregisters_with_something_pending_stays()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("one", Lease);
        await group.AcquireNameAsync(Life, CancellationToken.None);
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        await group.SettleAsync([deliveries[0]], CancellationToken.None);

        await group.UnregisterAsync(CancellationToken.None);

        Assert.Equal(["one"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal([$"{deliveries[1].EntryId} one 1"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("one")));
    }

    [Fact]
    public async Task Unregistering_does_not_release_a_name_of_another_process()
    {
        await using var partition = await PartitionWithMailAsync(1);
        await using var late = partition.Partition.Join("one", Lease);
        await using var owner = partition.Partition.Join("one", Lease);
        await owner.AcquireNameAsync(Life, CancellationToken.None);

        await late.UnregisterAsync(CancellationToken.None);

        Assert.True(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("one")));
        Assert.True(await owner.AcquireNameAsync(Life, CancellationToken.None));
    }

    [Fact]
    public async Task Reaping_deletes_ended_consumers_with_nothing_pending()
    {
        await using var partition = await PartitionWithMailAsync(4);
        await using var reaper = partition.Partition.Join("reaper", Lease);
        await reaper.AcquireNameAsync(Life, CancellationToken.None);
        await reaper.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        await VisitAsync(partition, "alive {1}%", owned: true, settled: true);
        await VisitAsync(partition, "gone", owned: false, settled: true);
        await VisitAsync(partition, "gone, with something pending", owned: false, settled: false);
        var before = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);

        Assert.Equal(0, await reaper.ReapAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Equal(1, await reaper.ReapAsync(TimeSpan.Zero, CancellationToken.None));

        Assert.Equal(
            ["alive {1}%", "gone, with something pending", "reaper"],
            await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(before, await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Two_processes_of_one_name_are_two_consumers_of_the_group()
    {
        await using var partition = await PartitionWithMailAsync(4);
        await using var first = partition.Partition.Join("name {1}%", Lease, "aaaa");
        await using var second = partition.Partition.Join("name {1}%", Lease, "bbbb");
        Assert.True(await first.AcquireNameAsync(Life, CancellationToken.None));
        Assert.False(await second.AcquireNameAsync(Life, CancellationToken.None));

        var firsts = await first.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        var seconds = await second.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);

        // Neither consumer recovers, settles or releases the deliveries of the other.
        var known = seconds.Select(delivery => delivery.EntryId);
        Assert.Empty((await second.Reader.RecoverAsync(10, known, CancellationToken.None)).Deliveries);
        Assert.All(await second.SettleAsync(firsts, CancellationToken.None), result => Assert.Equal(SettleResult.Lost, result));
        await second.ReleaseAsync(firsts, CancellationToken.None);
        string[] each = [
            .. firsts.Select(delivery => $"{delivery.EntryId} name {{1}}%#aaaa 1"),
            .. seconds.Select(delivery => $"{delivery.EntryId} name {{1}}%#bbbb 1"),
        ];
        Assert.Equal(each, await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Unregistering_after_another_acquired_the_name_deletes_only_itself()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var late = partition.Partition.Join("one", Lease, "aaaa");
        await using var owner = partition.Partition.Join("one", Lease, "bbbb");
        await late.RegisterAsync(CancellationToken.None);
        await owner.AcquireNameAsync(Life, CancellationToken.None);
        await owner.RegisterAsync(CancellationToken.None);

        await late.UnregisterAsync(CancellationToken.None);

        Assert.Equal(["one#bbbb"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.True(await owner.AcquireNameAsync(Life, CancellationToken.None));
    }

    [Fact]
    public async Task Reaping_deletes_a_former_process_of_a_reused_name()
    {
        await using var partition = await PartitionWithMailAsync(0);
        await using var former = partition.Partition.Join("name {1}%", Lease, "aaaa");
        await using var owner = partition.Partition.Join("name {1}%", Lease, "bbbb");
        await former.RegisterAsync(CancellationToken.None);
        await owner.RegisterAsync(CancellationToken.None);
        await owner.AcquireNameAsync(Life, CancellationToken.None);

        Assert.Equal(1, await owner.ReapAsync(TimeSpan.Zero, CancellationToken.None));

        Assert.Equal(["name {1}%#bbbb"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
    }

    private static async Task VisitAsync(TestPartition partition, string name, bool owned, bool settled)
    {
        await using var group = partition.Partition.Join(name, Lease);
        if (owned)
            await group.AcquireNameAsync(Life, CancellationToken.None);
        var deliveries = await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        if (settled)
            await group.SettleAsync(deliveries, CancellationToken.None);
    }

    private async Task<TestPartition> PartitionWithMailAsync(int count)
    {
        var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, count);
        return partition;
    }
}
