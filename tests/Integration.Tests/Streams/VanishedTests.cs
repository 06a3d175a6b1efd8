using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that entries that are deleted from the stream before they are processed are counted, named and reported once.</summary>
public sealed class VanishedTests(TestServers servers)
{
    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task Unread_entries_that_XTRIM_removes_are_counted_and_the_lag_is_corrected(int left)
    {
        await using var partition = await PartitionAsync(20);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync(await ReadAsync(group, 5), CancellationToken.None);
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        await partition.Database.StreamTrimAsync(partition.Keys.Stream, left);
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        Assert.Equal(15 - left, (await partition.ReadSnapshotAsync()).Vanished);
        Assert.Equal(new StreamCounts(left, left, left, 0), await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream));
        await AssertNoNewLossAsync(partition);
    }

    [Fact]
    public async Task An_XTRIM_is_detected_also_when_the_rest_has_been_read()
    {
        await using var partition = await PartitionAsync(20);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await ReadAsync(group, 5);
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 6);

        await group.SettleAsync(await ReadAsync(group, 100), CancellationToken.None);
        // Newer versions, among them Valkey 9 and Redis 8, count trimmed entries as read when the rest is read.
        var read = (await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream))[0].EntriesRead;
        Assert.SkipWhen(read == 20, "This Redis leaves no trace of it.");
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        Assert.Equal(9, (await partition.ReadSnapshotAsync()).Vanished);
        Assert.Equal(0, (await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream)).Lag);
        await AssertNoNewLossAsync(partition);
    }

    [Fact]
    public async Task Unread_entries_that_XDEL_removes_are_counted_and_named()
    {
        await using var partition = await PartitionAsync(20);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await ReadAsync(group, 5);
        var entries = await partition.Database.StreamRangeAsync(partition.Keys.Stream);
        await partition.Database.StreamDeleteAsync(partition.Keys.Stream, [entries[9].Id, entries[12].Id, entries[19].Id]);

        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        var (count, named) = await partition.Partition.Stream.TakeVanishedAsync(CancellationToken.None);
        Assert.Equal((3, entries[19].Id.ToString()), (count, named));
        await AssertNoNewLossAsync(partition);
        await group.SettleAsync(await ReadAsync(group, 100), CancellationToken.None);
        await AssertNoNewLossAsync(partition);
    }

    [Fact]
    public async Task Deleted_pending_entries_are_named_when_they_are_reclaimed()
    {
        await using var partition = await PartitionAsync(10);
        await using (var crashed = partition.Partition.Join("dead", TimeSpan.FromMinutes(1)))
            await ReadAsync(crashed, 4);
        var entries = await partition.Database.StreamRangeAsync(partition.Keys.Stream);
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 8);
        await using var group = partition.Partition.Join("one", TimeSpan.Zero);

        var reclaimed = await group.ReclaimAsync();

        Assert.Equal([3u, 4u], reclaimed.Deliveries.Select(delivery => delivery.Message!.Uid));
        var (count, named) = await partition.Partition.Stream.TakeVanishedAsync(CancellationToken.None);
        Assert.Equal((2, $"{entries[0].Id}, {entries[1].Id}"), (count, named));
        await AssertNoNewLossAsync(partition);
    }

    [Fact]
    public async Task Deleted_entries_of_a_lost_reply_are_named_when_they_are_recovered()
    {
        await using var partition = await PartitionAsync(3);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await ReadAsync(group, 3);
        var entries = await partition.Database.StreamRangeAsync(partition.Keys.Stream);
        await partition.Database.StreamDeleteAsync(partition.Keys.Stream, [entries[1].Id]);

        var (recovered, _) = await group.Reader.RecoverAsync(10, [], CancellationToken.None);

        Assert.Equal([1u, 3u], recovered.Select(delivery => delivery.Message!.Uid));
        Assert.Equal((1, entries[1].Id.ToString()), await partition.Partition.Stream.TakeVanishedAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_deleted_entry_that_should_be_dead_lettered_has_vanished()
    {
        await using var partition = await PartitionAsync(1);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var delivery = Assert.Single(await ReadAsync(group, 1));
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 0);

        await partition.Partition.DeadLetters.MoveAsync(
            delivery, "one", new FailureRecord(DeadLetterReasons.Permanent, "Test", "no"), CancellationToken.None);

        Assert.Equal((1, delivery.EntryId), await partition.Partition.Stream.TakeVanishedAsync(CancellationToken.None));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task A_deleted_entry_that_is_settled_has_not_vanished()
    {
        await using var partition = await PartitionAsync(2);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await ReadAsync(group, 2);
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 0);

        Assert.All(await group.SettleAsync(deliveries, CancellationToken.None), result => Assert.Equal(SettleResult.Settled, result));

        await AssertNoNewLossAsync(partition);
    }

    [Fact]
    public async Task A_lag_that_a_failover_makes_unknown_or_wrong_does_not_count_as_vanished()
    {
        await using var partition = await PartitionAsync(20);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await ReadAsync(group, 10);
        await group.SettleAsync(deliveries, CancellationToken.None);
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);
        // The state of a new primary that had received only the first two deliveries.
        await partition.Database.HashSetAsync(partition.Keys.Vanished, "verified", "0000000000000000000000000000000000000000");
        await partition.Database.ExecuteAsync(
            "XGROUP", "SETID", partition.Keys.Stream, StreamKeys.Group, deliveries[^1].EntryId, "ENTRIESREAD", 2);
        // Newer versions count again where they can.
        Assert.SkipWhen(await LagAsync(partition) == 10, "This Redis sees by itself that the count is wrong.");
        Assert.Equal(18, await LagAsync(partition));

        await partition.Partition.Stream.TrimAsync(CancellationToken.None);

        Assert.Equal(new StreamCounts(10, 10, 10, 0), await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream));
        await AssertNoNewLossAsync(partition);
        // From here on the count is known again.
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 3);
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);
        Assert.Equal(7, (await partition.ReadSnapshotAsync()).Vanished);
    }

    [Fact]
    public async Task Entries_that_an_append_takes_back_or_a_new_group_finds_have_not_vanished()
    {
        await using var partition = await PartitionAsync(30);
        var cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync([.. (await ReadAsync(group, 20)).Skip(1)], CancellationToken.None);
        await partition.Partition.Stream.Settled.ClearAsync(0, CancellationToken.None);
        // An append may use transactions, but this batch does not follow the cursor and is refused.
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 30, Mails.Items(31, 32), Mails.Window, CancellationToken.None);
        Assert.Null(await partition.Partition.Stream.TryAppendAsync(
            Mails.Mailbox, cursor, 40, Mails.Items(41, 45), Mails.Window, CancellationToken.None));
        await AssertNoNewLossAsync(partition);

        await partition.Database.ExecuteAsync("XGROUP", "DESTROY", partition.Keys.Stream, StreamKeys.Group);
        await partition.EnsureGroupAsync();
        await AssertNoNewLossAsync(partition);
        await ReadAsync(group, 5);
        await AssertNoNewLossAsync(partition);
        await ReadAsync(group, 100);
        await AssertNoNewLossAsync(partition);
    }

    [Fact]
    public async Task Without_the_right_to_XSETID_a_batch_that_must_be_undone_is_not_appended()
    {
        await using var partition = new TestPartition(
            servers, options => options.ConnectionString += ",user=vanished,password=secret");
        await partition.Database.ExecuteAsync("ACL", "SETUSER", "vanished", "on", ">secret", "resetkeys", "~*", "&*", "+@all", "-xsetid");
        await partition.EnsureGroupAsync();
        await partition.Partition.Stream.Settled.BeginAsync(CancellationToken.None);
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 30);

        // Like a batch behind a failed one, it does not follow the cursor.
        Assert.Null(await partition.Partition.Stream.TryAppendAsync(
            Mails.Mailbox, cursor, 40, Mails.Items(41, 45), Mails.Window, CancellationToken.None));

        await AssertNoNewLossAsync(partition);
        Assert.Equal(30, (await partition.ReadSnapshotAsync()).Lag);
    }

    [Fact]
    public async Task Only_one_of_many_callers_reports_the_vanished_entries()
    {
        await using var partition = await PartitionAsync(10);
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 4);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => partition.Partition.Stream.TrimAsync(CancellationToken.None)));

        var reported = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => partition.Partition.Stream.TakeVanishedAsync(CancellationToken.None)));

        Assert.Equal([0, 0, 0, 0, 6], reported.Select(one => one.Count).Order());
        var snapshot = await partition.ReadSnapshotAsync();
        Assert.Equal((6, 6), (snapshot.Vanished, snapshot.VanishedReported));
        Assert.NotNull(snapshot.VanishedAt);
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

    // Neither of the next two snapshots finds a false loss.
    private static async Task AssertNoNewLossAsync(TestPartition partition)
    {
        var before = (await partition.ReadSnapshotAsync()).Vanished;
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);
        await partition.Partition.Stream.ClearSettledAsync(CancellationToken.None);
        Assert.Equal(before, (await partition.ReadSnapshotAsync()).Vanished);
    }

    private static async Task<long> LagAsync(TestPartition partition) =>
        (await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream)).Lag;
}
