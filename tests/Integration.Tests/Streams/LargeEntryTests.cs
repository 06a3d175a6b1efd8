using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Reads, recoveries and reclaims bring no more bytes than fit; what does not fit waits, and what is behind it goes on.</summary>
public sealed class LargeEntryTests(TestServers servers)
{
    private const int MiB = 1024 * 1024;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_read_brings_what_fits_and_puts_the_rest_aside_uncounted()
    {
        await using var partition = await PartitionAsync(6 * MiB, 1_000, 6 * MiB, 1_000);
        using var budget = new ByteBudget(8 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var read = await group.ReadFittingAsync(10, CancellationToken.None);

        Assert.Equal([1u, 2, 4], Uids(read));
        Assert.True(group.LargeWaits);
        var pending = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
        Assert.Equal("(large) 0", pending[2][(pending[2].IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }

    [Fact]
    public async Task What_was_put_aside_is_reclaimed_as_a_first_delivery_once_it_fits()
    {
        await using var partition = await PartitionAsync(6 * MiB, 6 * MiB, 6 * MiB);
        using var budget = new ByteBudget(8 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);
        var charge = budget.Take(Assert.Single(await group.ReadFittingAsync(10, CancellationToken.None)).Bytes);
        while ((await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length < 3)
            Assert.Empty(await group.ReadFittingAsync(10, CancellationToken.None));

        Assert.Empty(await ReclaimAllAsync(group));
        Assert.True(group.LargeWaits);
        budget.Return(charge);
        var second = Assert.Single((await group.ReclaimAsync(10, PoisonSuspicion.Of(5), alone: false, [], CancellationToken.None)).Deliveries);

        Assert.Equal((2u, 1), (second.Message!.Uid, second.DeliveryCount));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_entry_above_the_limit_is_read_when_nothing_large_is_in_work(int smallBefore)
    {
        await using var partition = await PartitionAsync([.. Enumerable.Repeat(1_000, smallBefore), 5 * MiB, 1_000, 5 * MiB]);
        using var budget = new ByteBudget(MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var read = await group.ReadFittingAsync(10, CancellationToken.None);

        Assert.Equal([.. Mails.UidRange(1, (uint)smallBefore + 2)], Uids(read));
        foreach (var delivery in read)
            budget.Take(delivery.Bytes);
        Assert.True(budget.Room.SmallEntries > 0);
        Assert.Empty(await ReclaimAllAsync(group));
    }

    [Fact]
    public async Task Recovering_gives_back_uncounted_what_does_not_fit()
    {
        await using var partition = await PartitionAsync(6 * MiB, 1_000, 6 * MiB, 6 * MiB, 1_000);
        await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "one", ">", 5);
        using var budget = new ByteBudget(8 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var recovered = new List<Delivery>();
        do
            recovered.AddRange(await RecoverAsync(group, budget, recovered));
        while (group.MoreToRecover);

        Assert.Equal([(1u, 1), (2u, 1), (5u, 1)], recovered.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        Assert.Equal(
            ["one 1", "one 1", "(large) 0", "(large) 0", "one 1"],
            (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task Reclaiming_passes_over_large_ones_that_do_not_fit_and_keeps_their_number()
    {
        await using var partition = await PartitionAsync(6 * MiB, 1_000, 6 * MiB, 1_000);
        await DieAsync(partition, 4);
        using var budget = new ByteBudget(8 * MiB);
        budget.Take(6 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var reclaimed = await ReclaimAllAsync(group);

        Assert.Equal([(2u, 2), (4u, 2)], reclaimed.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        // Their consumer died with them, which must stay known.
        Assert.Equal(
            ["dead 1", "one 2", "dead 1", "one 2"],
            (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task A_body_that_does_not_fit_is_fetched_once_until_it_does()
    {
        await using var partition = await PartitionAsync(6 * MiB, 5 * MiB, 5 * MiB);
        await DieAsync(partition, 3);
        using var budget = new ByteBudget(8 * MiB);
        var charge = budget.Take(6 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);
        Assert.Empty(await ReclaimAllAsync(group));
        // Whoever asks for a body that is gone learns it.
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 0);

        for (var i = 0; i < 3; i++)
            Assert.Empty(await ReclaimAllAsync(group));
        Assert.Equal(3, (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length);

        budget.Return(charge);
        Assert.Empty(await ReclaimAllAsync(group));
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Large_ones_do_not_pass_one_another()
    {
        await using var partition = await PartitionAsync(7 * MiB, 3 * MiB, 100_000);
        await DieAsync(partition, 3);
        using var budget = new ByteBudget(8 * MiB);
        var first = budget.Take(3 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        // The second would fit beside the one in work: so would the next like it, and the first would never be the only one.
        Assert.Equal([3u], Uids(await ReclaimAllAsync(group)));
        budget.Return(first);

        Assert.Equal([1u], Uids(await ReclaimAllAsync(group)));
    }

    [Fact]
    public async Task A_plain_read_is_for_when_only_small_entries_are_ahead()
    {
        await using var partition = await PartitionAsync(1_000, 1_000);
        await using var group = partition.Partition.Join("one", Lease);
        Assert.False(group.OnlySmallAhead);
        var read = await group.ReadFittingAsync(2, CancellationToken.None);
        await group.AreProcessedAsync(read, CancellationToken.None);
        Assert.True(group.OnlySmallAhead);

        await AppendAsync(partition, 2, MiB);
        await group.AreProcessedAsync(read, CancellationToken.None);

        Assert.False(group.OnlySmallAhead);
    }

    [Fact]
    public async Task Entries_that_were_there_at_the_start_are_read_with_care_without_a_note()
    {
        await using var partition = await PartitionAsync(1_000, 1_000, 1_000, MiB);
        // As an older version left it.
        await partition.Database.KeyDeleteAsync(partition.Keys.NewestLarge);
        await using var group = partition.Partition.Join("one", Lease);

        for (var i = 0; i < 3; i++)
        {
            await group.AreProcessedAsync(await group.ReadFittingAsync(1, CancellationToken.None), CancellationToken.None);
            Assert.False(group.OnlySmallAhead);
        }
    }

    [Fact]
    public async Task A_large_entry_is_noted_by_every_way_into_the_stream()
    {
        await using var partition = await PartitionAsync(1_000, MiB);
        Assert.Equal(await LastAsync(partition), await NotedAsync(partition));

        // The script, which a dead letter in the batch needs.
        var cursor = (await partition.Partition.Stream.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        var failure = FailureRecord.Of(DeadLetterReasons.Oversize, "TestException", "broken");
        await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 2, [Large(3, MiB), Mails.Item(4, failure: failure)], Mails.Window, CancellationToken.None);
        Assert.Equal(await LastAsync(partition), await NotedAsync(partition));

        await using var group = partition.Partition.Join("one", Lease);
        var large = (await group.ReadFittingAsync(3, CancellationToken.None))[2];
        await partition.Partition.DeadLetters.MoveAsync(
            large, "one", FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken"), CancellationToken.None);
        var letter = (await partition.DeadLettersAsync()).Single(one => one.DeliveryCount == 1);
        await partition.Partition.DeadLetters.ReplayAsync(letter.Id, "tester", CancellationToken.None);
        Assert.Equal(await LastAsync(partition), await NotedAsync(partition));
    }

    private static async Task<IReadOnlyList<Delivery>> RecoverAsync(ConsumerGroup group, ByteBudget budget, List<Delivery> known)
    {
        var recovered = await group.RecoverAsync(10, known.Select(delivery => delivery.EntryId), CancellationToken.None);
        foreach (var delivery in recovered)
            budget.Take(delivery.Bytes);
        return recovered;
    }

    private static async Task<List<Delivery>> ReclaimAllAsync(ConsumerGroup group)
    {
        var all = new List<Delivery>();
        while (true)
        {
            var reclaimed = await group.ReclaimAsync(10, PoisonSuspicion.Of(5), alone: false, [], CancellationToken.None);
            all.AddRange(reclaimed.Deliveries);
            if (reclaimed.AtEnd || all.Any(delivery => delivery.Bytes > MiB))
                return all;
        }
    }

    // Delivered to a consumer that died, and long enough ago.
    private static async Task DieAsync(TestPartition partition, int count)
    {
        foreach (var entry in await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "dead", ">", count))
            await OwnershipTests.IdleAsync(partition, "dead", entry.Id!, Lease);
    }

    private static IEnumerable<uint> Uids(IEnumerable<Delivery> deliveries) => deliveries.Select(delivery => delivery.Message!.Uid);

    private static AppendItem Large(uint uid, int bytes)
    {
        var item = Mails.Item(uid);
        return item with { Message = item.Message with { Raw = new byte[bytes] } };
    }

    private async Task<TestPartition> PartitionAsync(params int[] bytes)
    {
        var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.StartAsync(partition.Partition.Stream);
        for (var i = 0; i < bytes.Length; i++)
            await AppendAsync(partition, (uint)i, bytes[i]);
        return partition;
    }

    private static async Task AppendAsync(TestPartition partition, uint follows, int bytes)
    {
        var cursor = (await partition.Partition.Stream.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        var result = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, follows, [Large(follows + 1, bytes)], Mails.Window, CancellationToken.None);
        Assert.Equal(AppendStatus.Complete, result.Status);
    }

    private static async Task<string> NotedAsync(TestPartition partition) => (await partition.Database.StringGetAsync(partition.Keys.NewestLarge)).ToString();

    private static async Task<string> LastAsync(TestPartition partition) =>
        (await partition.Database.StreamRangeAsync(partition.Keys.Stream, count: 1, messageOrder: Order.Descending))[0].Id.ToString();
}
