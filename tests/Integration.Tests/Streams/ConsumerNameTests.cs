using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>A consumer's name is one process's; a consumer with something pending is never deleted.</summary>
public sealed class ConsumerNameTests(TestServers servers)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_name_is_held_by_one_process_and_refused_to_another()
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
    public async Task A_name_whose_process_died_is_free_when_its_life_is_over()
    {
        await using var partition = new TestPartition(servers);
        await using var dead = partition.Partition.Join("name", Lease);
        await using var next = partition.Partition.Join("name", Lease);
        Assert.True(await dead.AcquireNameAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None));

        await Eventually.TrueAsync(() => next.AcquireNameAsync(Life, CancellationToken.None), "the name is free");

        Assert.False(await dead.AcquireNameAsync(Life, CancellationToken.None));
    }

    [Fact]
    public async Task Who_leaves_with_nothing_pending_is_gone()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("one", Lease);
        await group.AcquireNameAsync(Life, CancellationToken.None);
        await group.SettleAsync(await group.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None), CancellationToken.None);

        await group.UnregisterAsync(CancellationToken.None);

        Assert.Empty(await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("one")));
    }

    [Fact]
    public async Task Who_leaves_with_something_pending_stays_and_loses_nothing()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("one", Lease);
        await group.AcquireNameAsync(Life, CancellationToken.None);
        var deliveries = await group.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        await group.SettleAsync([deliveries[0]], CancellationToken.None);

        await group.UnregisterAsync(CancellationToken.None);

        Assert.Equal(["one"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal([$"{deliveries[1].EntryId} one 1"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("one")));
    }

    [Fact]
    public async Task Who_leaves_does_not_give_up_a_name_that_is_another_process_s_by_now()
    {
        await using var partition = await PartitionWithMailAsync(1);
        await using var late = partition.Partition.Join("one", Lease);
        await using var holder = partition.Partition.Join("one", Lease);
        await holder.AcquireNameAsync(Life, CancellationToken.None);

        await late.UnregisterAsync(CancellationToken.None);

        Assert.True(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("one")));
        Assert.True(await holder.AcquireNameAsync(Life, CancellationToken.None));
    }

    [Fact]
    public async Task Reaping_deletes_who_is_gone_and_has_nothing_pending()
    {
        await using var partition = await PartitionWithMailAsync(4);
        await using var reaper = partition.Partition.Join("reaper", Lease);
        await reaper.AcquireNameAsync(Life, CancellationToken.None);
        await reaper.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        await VisitAsync(partition, "alive {1}%", held: true, settled: true);
        await VisitAsync(partition, "gone", held: false, settled: true);
        await VisitAsync(partition, "gone, with something pending", held: false, settled: false);
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

        var firsts = await first.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        var seconds = await second.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);

        // What one has, the other neither recovers nor settles nor gives back.
        Assert.Empty(await second.RecoverAsync(10, seconds.Select(delivery => delivery.EntryId), CancellationToken.None));
        Assert.All(await second.SettleAsync(firsts, CancellationToken.None), result => Assert.Equal(SettleResult.Lost, result));
        await second.ReleaseAsync(firsts, CancellationToken.None);
        string[] each = [.. firsts.Select(delivery => $"{delivery.EntryId} name {{1}}%#aaaa 1"), .. seconds.Select(delivery => $"{delivery.EntryId} name {{1}}%#bbbb 1")];
        Assert.Equal(each, await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Who_leaves_after_another_took_the_name_deletes_only_itself()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var late = partition.Partition.Join("one", Lease, "aaaa");
        await using var holder = partition.Partition.Join("one", Lease, "bbbb");
        await late.RegisterAsync(CancellationToken.None);
        await holder.AcquireNameAsync(Life, CancellationToken.None);
        await holder.RegisterAsync(CancellationToken.None);

        await late.UnregisterAsync(CancellationToken.None);

        Assert.Equal(["one#bbbb"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.True(await holder.AcquireNameAsync(Life, CancellationToken.None));
    }

    [Fact]
    public async Task Reaping_deletes_a_process_whose_name_another_has_by_now()
    {
        await using var partition = await PartitionWithMailAsync(0);
        await using var former = partition.Partition.Join("name {1}%", Lease, "aaaa");
        await using var holder = partition.Partition.Join("name {1}%", Lease, "bbbb");
        await former.RegisterAsync(CancellationToken.None);
        await holder.RegisterAsync(CancellationToken.None);
        await holder.AcquireNameAsync(Life, CancellationToken.None);

        Assert.Equal(1, await holder.ReapAsync(TimeSpan.Zero, CancellationToken.None));

        Assert.Equal(["name {1}%#bbbb"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
    }

    private static async Task VisitAsync(TestPartition partition, string name, bool held, bool settled)
    {
        await using var group = partition.Partition.Join(name, Lease);
        if (held)
            await group.AcquireNameAsync(Life, CancellationToken.None);
        var deliveries = await group.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
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
