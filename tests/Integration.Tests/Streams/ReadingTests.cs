using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests the ways in which a consumer gets deliveries: reading, recovering a lost reply, reclaiming.</summary>
public sealed class ReadingTests(TestServers servers)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly string _client = $"reader-{Guid.NewGuid():N}";
    private string _reclaimFrom = Reclaimed.Beginning;

    [Fact]
    public async Task A_read_returns_first_deliveries_in_the_order_of_the_stream()
    {
        await using var partition = await PartitionWithMailAsync(5);
        await using var group = partition.Partition.Join("one", Lease);

        var first = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        var rest = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);

        Assert.Equal([1, 2, 3], first.Select(delivery => delivery.Message!.Uid));
        Assert.Equal([4, 5], rest.Select(delivery => delivery.Message!.Uid));
        Assert.All([.. first, .. rest], delivery => Assert.Equal(1, delivery.DeliveryCount));
        var pending = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
        Assert.Equal(first.Concat(rest).Select(delivery => $"{delivery.EntryId} one 1"), pending);
        Assert.Empty(await group.Reader.ReadAsync(3, TimeSpan.FromMilliseconds(10), CancellationToken.None));
    }

    [Fact]
    public async Task A_read_waits_for_the_first_entry()
    {
        await using var partition = await PartitionWithMailAsync(0);
        await using var group = partition.Partition.Join("one", Lease);

        var reading = group.Reader.ReadAsync(3, TimeSpan.FromMinutes(5), CancellationToken.None);
        await BlockedAsync(partition);
        await Mails.AppendAsync(partition.Partition.Stream, 1);

        Assert.Equal(
            1u, Assert.Single(await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Message!.Uid);
    }

    [Fact]
    public async Task A_read_waits_after_a_full_read_that_returned_the_last_entry()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("one", Lease);
        Assert.Equal(2, (await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None)).Count);

        var reading = group.Reader.ReadAsync(2, TimeSpan.FromMinutes(5), CancellationToken.None);
        await BlockedAsync(partition);
        await Mails.AppendAsync(partition.Partition.Stream, 3);

        Assert.Equal(
            3u, Assert.Single(await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Message!.Uid);
    }

    [Fact]
    public async Task A_read_ends_promptly_when_it_is_cancelled()
    {
        await using var partition = await PartitionWithMailAsync(0);
        await using var group = partition.Partition.Join("one", Lease);
        using var stop = new CancellationTokenSource();

        var reading = group.Reader.ReadAsync(3, TimeSpan.FromMinutes(5), stop.Token);
        await BlockedAsync(partition);
        await stop.CancelAsync();

        Assert.Empty(await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_returns_what_was_delivered_to_it()
    {
        await using var partition = await PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("one", Lease);
        // Opens the connection; a cancelled read would not.
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var delivered = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(60), stop.Token);

        Assert.Equal(2u, Assert.Single(delivered).Message!.Uid);
    }

    [Fact]
    public async Task Entries_of_a_lost_reply_are_returned_with_the_same_delivery_count()
    {
        await using var partition = await PartitionWithMailAsync(6);
        await using var group = partition.Partition.Join("one", Lease);
        var known = (await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None)).Select(delivery => delivery.EntryId)
            .ToList();
        await LoseReplyAsync(partition, "one", 3);
        await LoseReplyAsync(partition, "other", 1);
        var before = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);

        var (first, _) = await group.Reader.RecoverAsync(2, known, CancellationToken.None);
        known.AddRange(first.Select(delivery => delivery.EntryId));
        var (rest, _) = await group.Reader.RecoverAsync(2, known, CancellationToken.None);
        known.AddRange(rest.Select(delivery => delivery.EntryId));

        Assert.Equal([(3u, 1), (4u, 1)], first.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        Assert.Equal([(5u, 1)], rest.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        Assert.Empty((await group.Reader.RecoverAsync(2, known, CancellationToken.None)).Deliveries);
        Assert.Equal(before, await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Entries_of_a_lost_reclaim_are_returned_with_the_same_delivery_count()
    {
        await using var partition = await PartitionWithMailAsync(3);
        await LoseReplyAsync(partition, "dead", 2);
        foreach (var entry in (await EntriesAsync(partition)).Take(2))
            await OwnershipTests.IdleAsync(partition, "dead", entry, Lease);
        await using var group = partition.Partition.Join("one", Lease);
        // The reply did not reach the consumer, so it knows no delivery.
        Assert.Equal(2, (await ReclaimAsync(group)).Deliveries.Count);

        var (recovered, _) = await group.Reader.RecoverAsync(10, [], CancellationToken.None);

        Assert.Equal([(1u, 2), (2u, 2)], recovered.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
    }

    [Fact]
    public async Task Deliveries_of_a_former_process_are_not_taken_for_a_lost_reply()
    {
        await using var partition = await PartitionWithMailAsync(4);
        // Their process died with them. Uncounted deliveries would let a poison message kill processes without end.
        await LoseReplyAsync(partition, "one#former", 3);
        await using var group = partition.Partition.Join("one", Lease, "present");
        await LoseReplyAsync(partition, "one#present", 1);

        Assert.Equal(4u, Assert.Single((await group.Reader.RecoverAsync(10, [], CancellationToken.None)).Deliveries).Message!.Uid);
    }

    [Fact]
    public async Task A_reclaim_returns_large_entries_one_by_one_as_far_as_they_fit()
    {
        await using var partition = await PartitionWithMailAsync(0);
        var raw = new byte[7 * 1024 * 1024];
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        foreach (var item in Mails.Items(1, 5).Select(item => item with { Message = item.Message with { Raw = raw } }))
            await partition.Partition.Stream.AppendAsync(
                Mails.Mailbox, cursor, item.Message.Uid - 1, [item], Mails.Window, CancellationToken.None);
        await LoseReplyAsync(partition, "dead", 5);
        foreach (var entry in await EntriesAsync(partition))
            await OwnershipTests.IdleAsync(partition, "dead", entry, Lease);
        await using var group = partition.Partition.Join("one", Lease);

        var first = await ReclaimAsync(group, count: 3);
        var rest = await ReclaimAsync(group);

        Assert.Equal([1u, 2, 3], first.Deliveries.Select(delivery => delivery.Message!.Uid));
        Assert.Equal([4u, 5], rest.Deliveries.Select(delivery => delivery.Message!.Uid));
        Assert.Equal((false, true), (first.AtEnd, rest.AtEnd));
    }

    [Fact]
    public async Task A_consumer_does_not_reclaim_what_it_has_in_work_itself()
    {
        await using var partition = await PartitionWithMailAsync(3);
        await using var group = partition.Partition.Join("one", Lease);
        var read = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        var entries = read.Select(delivery => delivery.EntryId).ToArray();
        foreach (var entry in entries)
            await OwnershipTests.IdleAsync(partition, "one", entry, Lease);

        var reclaimed = await ReclaimAsync(group, 10, alone: false, entries[0], entries[2]);

        Assert.Equal((2u, 2), (Assert.Single(reclaimed.Deliveries).Message!.Uid, reclaimed.Deliveries[0].DeliveryCount));
        Assert.Equal(
            [$"{entries[0]} one 1", $"{entries[1]} one 2", $"{entries[2]} one 1"],
            await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task A_suspected_poison_message_is_returned_only_for_an_exclusive_run()
    {
        await using var partition = await PartitionWithMailAsync(4);
        await LoseReplyAsync(partition, "dead", 4);
        var entries = await EntriesAsync(partition);
        // Two consumers died with the second entry, and the third failed twice. So only the second is a suspected poison message.
        await DeliveredAsync("dead", entries[0], 1);
        await DeliveredAsync("dead", entries[1], 2);
        await DeliveredAsync(ConsumerGroup.Waiting, entries[2], 2);
        await DeliveredAsync("dead", entries[3], 5);
        await using var group = partition.Partition.Join("one", Lease);

        var before = await ReclaimAsync(group);
        var still = await ReclaimAsync(group);
        var suspected = await ReclaimAsync(group, alone: true);
        var after = await ReclaimAsync(group);

        Assert.Equal("1:2, then a suspected poison message", Taken(before));
        Assert.Equal(", then a suspected poison message", Taken(still));
        Assert.Equal("2:3", Taken(suspected));
        // After its last delivery it is dead-lettered, not run.
        Assert.Equal("3:3 4:6", Taken(after));

        static string Taken(Reclaimed reclaimed) =>
            string.Join(' ', reclaimed.Deliveries.Select(delivery => $"{delivery.Message!.Uid}:{delivery.DeliveryCount}"))
            + (reclaimed.PoisonSuspectedNext ? ", then a suspected poison message" : "");
        Task DeliveredAsync(string owner, string entry, int number) => partition.Database.ExecuteAsync(
            "XCLAIM", partition.Keys.Stream, StreamKeys.Group, owner, 0, entry, "IDLE", (long)Lease.TotalMilliseconds, "RETRYCOUNT", number,
            "JUSTID");
    }

    [Fact]
    public async Task Reclaiming_scans_past_many_pending_entries_with_a_valid_lease()
    {
        const int young = 300;
        await using var partition = await PartitionWithMailAsync(young + 3);
        await LoseReplyAsync(partition, "busy", young + 3);
        foreach (var entry in (await EntriesAsync(partition)).Skip(young))
            await OwnershipTests.IdleAsync(partition, "busy", entry, Lease);
        await using var group = partition.Partition.Join("one", Lease);

        var found = new List<Delivery>();
        var calls = 0;
        for (var atEnd = false; !atEnd && calls < 20; calls++)
        {
            var reclaimed = await ReclaimAsync(group, count: 2);
            atEnd = reclaimed.AtEnd;
            found.AddRange(reclaimed.Deliveries);
        }

        Assert.Equal([(301u, 2), (302u, 2), (303u, 2)], found.Select(delivery => (delivery.Message!.Uid, delivery.DeliveryCount)));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Reclaiming_skips_deleted_entries()
    {
        await using var partition = await PartitionWithMailAsync(3);
        await LoseReplyAsync(partition, "dead", 3);
        var entries = await EntriesAsync(partition);
        foreach (var entry in entries)
            await OwnershipTests.IdleAsync(partition, "dead", entry, Lease);
        await partition.Database.StreamDeleteAsync(partition.Keys.Stream, [entries[1]]);
        await using var group = partition.Partition.Join("one", Lease);

        var reclaimed = (await ReclaimAsync(group)).Deliveries;

        Assert.Equal([1u, 3u], reclaimed.Select(delivery => delivery.Message!.Uid));
        Assert.Equal(
            [$"{entries[0]} one 2", $"{entries[2]} one 2"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task A_cancelled_reclaim_releases_uncounted_what_it_has_not_fetched()
    {
        await using var partition = await PartitionWithMailAsync(3);
        await LoseReplyAsync(partition, "dead", 3);
        foreach (var entry in await EntriesAsync(partition))
            await OwnershipTests.IdleAsync(partition, "dead", entry, Lease);
        await using var group = partition.Partition.Join("one", Lease);
        // Opens the connection; a cancelled reclaim would not.
        await group.Reader.RecoverAsync(1, [], CancellationToken.None);
        var before = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);

        var cancelled = await group.Reader.ReclaimAsync(
            Reclaimed.Beginning, 10, PoisonSuspicion.Of(5), exclusive: false, [], new CancellationToken(canceled: true));

        Assert.Empty(cancelled.Deliveries);
        Assert.Equal(before, await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(3, (await ReclaimAsync(group)).Deliveries.Count);
    }

    private async Task<TestPartition> PartitionWithMailAsync(int count)
    {
        var partition = new TestPartition(servers, options => options.ConnectionString += $",name={_client}");
        await partition.EnsureGroupAsync();
        if (count > 0)
            await Mails.AppendAsync(partition.Partition.Stream, count);
        return partition;
    }

    // From where the last call ended.
    private async Task<Reclaimed> ReclaimAsync(ConsumerGroup group, int count = 10, bool alone = false, params string[] working)
    {
        var reclaimed = await group.Reader.ReclaimAsync(
            _reclaimFrom, count, PoisonSuspicion.Of(5), alone, working, CancellationToken.None);
        _reclaimFrom = reclaimed.Next;
        return reclaimed;
    }

    // Delivered under this name without a reply.
    private static Task<StreamEntry[]> LoseReplyAsync(TestPartition partition, string consumer, int count) =>
        partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, consumer, ">", count);

    private static async Task<string[]> EntriesAsync(TestPartition partition) =>
        [.. (await partition.Database.StreamRangeAsync(partition.Keys.Stream)).Select(entry => entry.Id.ToString())];

    private Task BlockedAsync(TestPartition partition) => Eventually.TrueAsync(
        async () => ((string)(await partition.Database.ExecuteAsync("CLIENT", "LIST"))!).Split('\n')
            .Any(line => line.Contains($"name={_client} ", StringComparison.Ordinal) && line.Contains("flags=b", StringComparison.Ordinal)),
        "the read blocks");
}
