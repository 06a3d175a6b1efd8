using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>
/// Tests that the stream limit counts outstanding work. Settled entries that a pending one keeps in the stream do not count.
/// </summary>
public sealed class StreamLimitTests(TestServers servers)
{
    private const int Limit = 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_append_stops_exactly_at_the_limit_whatever_is_settled(bool byTransaction)
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = Limit);
        var (group, cursor) = await PinAsync(partition);
        await using var joined = group;

        // One pending entry and 19 more fit. By the length of the stream none would.
        if (byTransaction)
        {
            Assert.Null(await partition.Partition.Stream.TryAppendAsync(
                Mails.Mailbox, cursor, 20, Mails.Items(21, 40), Mails.Window, CancellationToken.None));
            Assert.NotNull(await partition.Partition.Stream.TryAppendAsync(
                Mails.Mailbox, cursor, 20, Mails.Items(21, 39), Mails.Window, CancellationToken.None));
            Assert.Null(await partition.Partition.Stream.TryAppendAsync(
                Mails.Mailbox, cursor, 39, Mails.Items(40, 40), Mails.Window, CancellationToken.None));
        }
        else
        {
            // An item out of order is appended by the script, not by a transaction.
            AppendItem[] items = [Mails.Item(20), .. Mails.Items(21, 45)];
            Assert.Equal(
                new AppendResult(AppendStatus.Full, 39, 19, 0, 0),
                await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 20, items, Mails.Window, CancellationToken.None));
        }

        Assert.Equal(new StreamCounts(39, 19, 19, 1), await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(39u, (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!.Last);
    }

    [Fact]
    public async Task A_replay_is_refused_by_outstanding_work_and_by_nothing_else()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = Limit);
        var (group, cursor) = await PinAsync(partition, refused: 2);
        await using var joined = group;
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 20, Mails.Items(21, 38), Mails.Window, CancellationToken.None);
        var deadLetters = await partition.Partition.DeadLetters.ListAsync(10, null, null, null, CancellationToken.None);

        // 1 pending, 18 unread, 17 settled.
        Assert.Equal(
            ReplayResult.Replayed,
            (await partition.Partition.DeadLetters.ReplayAsync(deadLetters[0].Id, "key", CancellationToken.None)).Result);
        Assert.Equal(
            ReplayResult.Full,
            (await partition.Partition.DeadLetters.ReplayAsync(deadLetters[1].Id, "key", CancellationToken.None)).Result);
        var counts = await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream);
        Assert.Equal((19, 19, 1), (counts.Lag, counts.Unread, counts.Pending));
    }

    [Fact]
    public async Task The_group_with_the_most_outstanding_work_counts()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = Limit);
        await partition.EnsureGroupAsync();
        await partition.Database.StreamCreateConsumerGroupAsync(partition.Keys.Stream, "auditors", "0");
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 10);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync(await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None), CancellationToken.None);

        Assert.Equal(10, (await partition.Partition.Stream.Settled.LoadAsync(CancellationToken.None)).Outstanding);
        var append = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 10, Mails.Items(11, 30), Mails.Window, CancellationToken.None);
        Assert.Equal(new AppendResult(AppendStatus.Full, 20, 10, 0, 0), append);
    }

    [Fact]
    public async Task While_the_lag_is_unknown_the_length_counts_against_the_limit()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = Limit);
        await partition.EnsureGroupAsync();
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 15);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(5, TimeSpan.FromSeconds(1), CancellationToken.None);
        // Sets the group by hand below the entries that Redis could still count.
        await partition.Database.ExecuteAsync(
            "XGROUP", "SETID", partition.Keys.Stream, StreamKeys.Group,
            (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[7].Id);

        Assert.Equal(new StreamLoad(15, 15, null, 5), await partition.Partition.Stream.Settled.LoadAsync(CancellationToken.None));
        var append = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 15, Mails.Items(16, 30), Mails.Window, CancellationToken.None);
        Assert.Equal(new AppendResult(AppendStatus.Full, 20, 5, 0, 0), append);
    }

    // Twenty are delivered. The first stays pending; the others are settled or dead-lettered and stay above it.
    private static async Task<(ConsumerGroup Group, MailboxCursor Cursor)> PinAsync(TestPartition partition, int refused = 0)
    {
        await partition.EnsureGroupAsync();
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 20);
        var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(20, TimeSpan.FromSeconds(1), CancellationToken.None);
        foreach (var delivery in deliveries.Skip(1).Take(refused))
            await partition.Partition.DeadLetters.MoveAsync(
                delivery, "one", new FailureRecord(DeadLetterReasons.Permanent, "Test", "no"), CancellationToken.None);
        await group.SettleAsync([.. deliveries.Skip(1 + refused)], CancellationToken.None);
        return (group, cursor);
    }
}
