using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>
/// Tests that reads, recoveries and reclaims fetch no more bytes than fit. Entries that do not fit wait, and later ones continue.
/// </summary>
public sealed class LargeEntryTests(TestServers servers)
{
    private const int MiB = 1024 * 1024;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_read_returns_what_fits_and_releases_the_rest_uncounted()
    {
        await using var partition = await PartitionAsync(6 * MiB, 1_000, 6 * MiB, 1_000);
        using var budget = new ByteBudget(8 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var read = await group.Reader.ReadFittingAsync(10, CancellationToken.None);

        Assert.Equal([1u, 2, 4], Uids(read));
        Assert.True(group.Reader.Large.Wait);
        var pending = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
        Assert.Equal("(large) 0", pending[2][(pending[2].IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }

    [Fact]
    public async Task A_released_entry_is_reclaimed_as_a_first_delivery_once_it_fits()
    {
        await using var partition = await PartitionAsync(6 * MiB, 6 * MiB, 6 * MiB);
        using var budget = new ByteBudget(8 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);
        var charge = budget.Take(Assert.Single(await group.Reader.ReadFittingAsync(10, CancellationToken.None)).Bytes);
        while ((await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length < 3)
            Assert.Empty(await group.Reader.ReadFittingAsync(10, CancellationToken.None));

        Assert.Empty(await ReclaimAllAsync(group));
        Assert.True(group.Reader.Large.Wait);
        budget.Return(charge);
        var second = Assert.Single(
            (await group.ReclaimAsync()).Deliveries);

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

        var read = await group.Reader.ReadFittingAsync(10, CancellationToken.None);

        Assert.Equal([.. Mails.UidRange(1, (uint)smallBefore + 2)], Uids(read));
        foreach (var delivery in read)
            budget.Take(delivery.Bytes);
        Assert.True(budget.Room.SmallEntries > 0);
        Assert.Empty(await ReclaimAllAsync(group));
    }

    [Fact]
    public async Task Recovering_releases_uncounted_what_does_not_fit()
    {
        await using var partition = await PartitionAsync(6 * MiB, 1_000, 6 * MiB, 6 * MiB, 1_000);
        await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "one", ">", 5);
        using var budget = new ByteBudget(8 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var recovered = new List<Delivery>();
        while (await RecoverAsync(group, budget, recovered))
        {
            // There is more.
        }

        Assert.Equal([(1u, 1), (2u, 1), (5u, 1)], recovered.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        Assert.Equal(
            ["one 1", "one 1", "(large) 0", "(large) 0", "one 1"],
            (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream))
                .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task Reclaiming_skips_large_entries_that_do_not_fit_and_keeps_their_count()
    {
        await using var partition = await PartitionAsync(6 * MiB, 1_000, 6 * MiB, 1_000);
        await DieAsync(partition, 4);
        using var budget = new ByteBudget(8 * MiB);
        budget.Take(6 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        var reclaimed = await ReclaimAllAsync(group);

        Assert.Equal([(2u, 2), (4u, 2)], reclaimed.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        // Their consumer died with them, so the delivery count must stay.
        Assert.Equal(
            ["dead 1", "one 2", "dead 1", "one 2"],
            (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream))
                .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task A_body_that_does_not_fit_is_fetched_only_once()
    {
        await using var partition = await PartitionAsync(6 * MiB, 5 * MiB, 5 * MiB);
        await DieAsync(partition, 3);
        using var budget = new ByteBudget(8 * MiB);
        var charge = budget.Take(6 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);
        Assert.Empty(await ReclaimAllAsync(group));
        // A fetch of a deleted body reports that it is gone.
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 0);

        for (var i = 0; i < 3; i++)
            Assert.Empty(await ReclaimAllAsync(group));
        Assert.Equal(3, (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length);

        budget.Return(charge);
        Assert.Empty(await ReclaimAllAsync(group));
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Large_entries_do_not_overtake_each_other()
    {
        await using var partition = await PartitionAsync(7 * MiB, 3 * MiB, 100_000);
        await DieAsync(partition, 3);
        using var budget = new ByteBudget(8 * MiB);
        var first = budget.Take(3 * MiB);
        await using var group = partition.Partition.Join("one", Lease, null, budget);

        // The second would fit beside the one in work. But so would later ones, and then the first would never run.
        Assert.Equal([3u], Uids(await ReclaimAllAsync(group)));
        budget.Return(first);

        Assert.Equal([1u], Uids(await ReclaimAllAsync(group)));
    }

    [Fact]
    public async Task A_plain_read_is_used_only_before_small_entries()
    {
        await using var partition = await PartitionAsync(1_000, 1_000);
        await using var group = partition.Partition.Join("one", Lease);
        Assert.False(group.Reader.Large.OnlySmallAhead);
        var read = await group.Reader.ReadFittingAsync(2, CancellationToken.None);
        await group.AreProcessedAsync(read, CancellationToken.None);
        Assert.True(group.Reader.Large.OnlySmallAhead);

        await AppendAsync(partition, 2, MiB);
        await group.AreProcessedAsync(read, CancellationToken.None);

        Assert.False(group.Reader.Large.OnlySmallAhead);
    }

    [Fact]
    public async Task Entries_of_an_older_version_without_a_note_are_read_by_size()
    {
        await using var partition = await PartitionAsync(1_000, 1_000, 1_000, MiB);
        // The state that an older version left.
        await partition.Database.KeyDeleteAsync(partition.Keys.NewestLarge);
        await using var group = partition.Partition.Join("one", Lease);

        for (var i = 0; i < 3; i++)
        {
            await group.AreProcessedAsync(await group.Reader.ReadFittingAsync(1, CancellationToken.None), CancellationToken.None);
            Assert.False(group.Reader.Large.OnlySmallAhead);
        }
    }

    [Fact]
    public async Task Every_way_into_the_stream_notes_a_large_entry()
    {
        await using var partition = await PartitionAsync(1_000, MiB);
        Assert.Equal(await LastAsync(partition), await NotedAsync(partition));

        // A batch with a dead letter is appended by the script.
        var cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        var failure = FailureRecord.Of(DeadLetterReasons.Oversize, "TestException", "broken");
        await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 2, [Large(3, MiB), Mails.Item(4, failure: failure)], Mails.Window, CancellationToken.None);
        Assert.Equal(await LastAsync(partition), await NotedAsync(partition));

        await using var group = partition.Partition.Join("one", Lease);
        var large = (await group.Reader.ReadFittingAsync(3, CancellationToken.None))[2];
        await partition.Partition.DeadLetters.MoveAsync(
            large, "one", FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken"), CancellationToken.None);
        var deadLetter = (await partition.DeadLettersAsync()).Single(one => one.DeliveryCount == 1);
        await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "tester", CancellationToken.None);
        Assert.Equal(await LastAsync(partition), await NotedAsync(partition));
    }

    // Returns whether there is more to recover.
    private static async Task<bool> RecoverAsync(ConsumerGroup group, ByteBudget budget, List<Delivery> known)
    {
        var (recovered, more) = await group.Reader.RecoverAsync(10, known.Select(delivery => delivery.EntryId), CancellationToken.None);
        foreach (var delivery in recovered)
            budget.Take(delivery.Bytes);
        known.AddRange(recovered);
        return more;
    }

    private static async Task<List<Delivery>> ReclaimAllAsync(ConsumerGroup group)
    {
        var all = new List<Delivery>();
        var from = Reclaimed.Beginning;
        while (true)
        {
            var reclaimed = await group.Reader.ReclaimAsync(
                from, 10, PoisonSuspicion.Of(5), exclusive: false, [], CancellationToken.None);
            from = reclaimed.Next;
            all.AddRange(reclaimed.Deliveries);
            if (reclaimed.AtEnd || all.Any(delivery => delivery.Bytes > MiB))
                return all;
        }
    }

    // Delivered long enough ago to a consumer that died.
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
        var cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        var result = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, follows, [Large(follows + 1, bytes)], Mails.Window, CancellationToken.None);
        Assert.Equal(AppendStatus.Complete, result.Status);
    }

    private static async Task<string> NotedAsync(TestPartition partition) =>
        (await partition.Database.StringGetAsync(partition.Keys.NewestLarge)).ToString();

    private static async Task<string> LastAsync(TestPartition partition) =>
        (await partition.Database.StreamRangeAsync(partition.Keys.Stream, count: 1, messageOrder: Order.Descending))[0].Id.ToString();
}
