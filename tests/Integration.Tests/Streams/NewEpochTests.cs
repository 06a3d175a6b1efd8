using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests a new UIDVALIDITY of a folder: the same emails come again under other UIDs.</summary>
public sealed class NewEpochTests(TestServers servers)
{
    [Fact]
    public async Task Contents_are_dropped_exactly_as_often_as_they_were_appended_before()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);
        // "alike" occurs twice. These are two emails because they had two UIDs.
        await AppendAsync(stream, cursor, 0, [Mails.Item(1, "alike"), Mails.Item(2, "other"), Mails.Item(3, "alike")]);

        var next = await NextEpochAsync(stream, cursor);
        var result = await AppendAsync(
            stream, next, 0,
            [Mails.Item(11, "alike"), Mails.Item(12, "alike"), Mails.Item(13, "alike"), Mails.Item(14, "other"), Mails.Item(15, "new")]);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 15, Appended: 2, Duplicates: 3, DeadLettered: 0), result);
        Assert.Equal([1, 2, 3, 13, 15], await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(15u, (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!.Last);
    }

    [Fact]
    public async Task Contents_are_counted_over_all_batches()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);
        await AppendAsync(stream, cursor, 0, [Mails.Item(1, "alike"), Mails.Item(2, "alike")]);
        await AppendAsync(stream, cursor, 2, [Mails.Item(3, "other"), Mails.Item(4, "alike")]);

        var next = await NextEpochAsync(stream, cursor);
        var result = await AppendAsync(stream, next, 0, [.. Mails.UidRange(11, 14).Select(uid => Mails.Item(uid, "alike"))]);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 14, Appended: 1, Duplicates: 3, DeadLettered: 0), result);
    }

    [Fact]
    public async Task A_second_new_epoch_drops_what_the_first_one_dropped()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var first = await Mails.StartAsync(stream);
        await AppendAsync(stream, first, 0, [Mails.Item(1, "a"), Mails.Item(2, "a"), Mails.Item(3, "b")]);
        var second = await NextEpochAsync(stream, first);
        await AppendAsync(stream, second, 0, [Mails.Item(11, "a"), Mails.Item(12, "b"), Mails.Item(13, "c")]);

        var third = await NextEpochAsync(stream, second);
        var result = await AppendAsync(
            stream, third, 0, [Mails.Item(21, "a"), Mails.Item(22, "b"), Mails.Item(23, "c"), Mails.Item(24, "a"), Mails.Item(25, "a")]);

        // One "a" was dropped in the second epoch, and one of the first epoch was not seen again until now.
        Assert.Equal(new AppendResult(AppendStatus.Complete, 25, Appended: 1, Duplicates: 4, DeadLettered: 0), result);
        Assert.Equal([1, 2, 3, 13, 25], await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task Copies_within_one_epoch_are_all_appended()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);

        var result = await AppendAsync(stream, cursor, 0, [.. Mails.UidRange(1, 5).Select(uid => Mails.Item(uid, "alike"))]);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 5, 5, 0, 0), result);
    }

    [Fact]
    public async Task A_batch_of_the_new_epoch_that_is_repeated_uses_up_no_counts()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);
        await AppendAsync(stream, cursor, 0, [Mails.Item(1, "a"), Mails.Item(2, "a")]);
        var next = await NextEpochAsync(stream, cursor);
        await AppendAsync(stream, next, 0, [Mails.Item(11, "a")]);
        await AppendAsync(stream, next, 0, [Mails.Item(11, "a")]);

        var result = await AppendAsync(stream, next, 11, [Mails.Item(12, "a")]);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 12, 0, 1, 0), result);
    }

    [Fact]
    public async Task Contents_are_remembered_for_the_window_and_no_longer()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 3);

        var log = Assert.Single(DigestKeys(partition));
        Assert.Equal(partition.Keys.DigestLog(Mails.Mailbox, Today), log);
        Assert.InRange((await partition.Database.KeyTimeToLiveAsync(log))!.Value, Mails.Window, Mails.Window + TimeSpan.FromDays(3));
    }

    [Fact]
    public async Task The_digest_log_is_counted_once_for_a_new_epoch_and_then_expires()
    {
        const int batches = 45;
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);
        for (var uid = 1u; uid <= batches; uid++)
            await AppendAsync(stream, cursor, uid - 1, [Mails.Item(uid)]);
        var log = partition.Keys.DigestLog(Mails.Mailbox, Today);
        Assert.Equal(batches, await partition.Database.ListLengthAsync(log));
        await partition.Database.KeyExpireAsync(log, TimeSpan.FromMinutes(2));
        var next = await NextEpochAsync(stream, cursor);

        var result = await AppendAsync(stream, next, 0, [.. Mails.Items(1, 40), Mails.Item(batches + 1)]);

        Assert.Equal(new AppendResult(AppendStatus.Complete, batches + 1, 1, 40, 0), result);
        var digests = Assert.Single(DigestKeys(partition));
        Assert.Equal(partition.Keys.Digests(Mails.Mailbox, Today), digests);
        Assert.InRange((await partition.Database.KeyTimeToLiveAsync(digests))!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Without_a_window_no_contents_are_kept()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);

        await stream.AppendAsync(Mails.Mailbox, cursor, 0, Mails.Items(1, 3), TimeSpan.Zero, CancellationToken.None);

        Assert.Empty(DigestKeys(partition));
    }

    [Fact]
    public async Task One_of_the_polls_that_see_the_new_UIDVALIDITY_starts_the_epoch()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.AppendAsync(stream, 3);

        var started = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            stream.Mailboxes.StartEpochAsync(Mails.Mailbox, cursor, 8, 0, CancellationToken.None)));

        Assert.Single(started, result => result);
        var next = await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None);
        Assert.Equal((1, 8u, 0u), (next!.Epoch, next.UidValidity, next.Last));
        Assert.Equal([(RedisValue)Mails.Mailbox], await partition.Database.SetMembersAsync(partition.Keys.Mailboxes));
    }

    private static async Task<MailboxCursor> NextEpochAsync(EmailStream stream, MailboxCursor cursor)
    {
        Assert.True(await stream.Mailboxes.StartEpochAsync(Mails.Mailbox, cursor, cursor.UidValidity + 1, 0, CancellationToken.None));
        return (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
    }

    private static Task<AppendResult> AppendAsync(EmailStream stream, MailboxCursor cursor, uint follows, AppendItem[] items) =>
        stream.AppendAsync(Mails.Mailbox, cursor, follows, items, Mails.Window, CancellationToken.None);

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static IEnumerable<RedisKey> DigestKeys(TestPartition partition) =>
        partition.AllKeys().Where(key => key.ToString().StartsWith("email_ingestion_digest", StringComparison.Ordinal));
}
