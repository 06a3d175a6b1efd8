using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests each step of an entry that refers to its body, with the whole state of Redis before and after.</summary>
public sealed class LargeBodyTests(TestServers servers)
{
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "Error", "broken");

    public static TheoryData<BodyStoreKind> Stores => [BodyStoreKind.Redis, BodyStoreKind.Folder];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_entry_refers_to_its_body(BodyStoreKind store)
    {
        await using var partition = Partition(store);

        var (_, item) = await LargeMails.AppendAsync(partition);

        var entry = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        Assert.InRange(entry.Values.Sum(field => field.Value.Length()), 1, 1_000);
        Assert.True(entry["raw"].IsNull);
        Assert.Equal($"{LargeMails.Bytes} s:{entry.Id}", Assert.Single(await partition.ReferersAsync()).Value);
        Assert.Equal(LargeMails.Bytes, (int)await partition.Database.HashGetAsync(partition.Keys.Bodies.Referers, "bytes"));
        var delivery = await ReadAsync(partition);
        Assert.Equal((null, item.Body), (delivery.Malformed, delivery.Body));
        Assert.Equal(item.Message with { Raw = default }, delivery.Message! with { Raw = default });
        Assert.Equal(
            item.Message.Raw.ToArray(), await partition.Partition.GuardedBodies.ReadAsync(delivery.Body!, CancellationToken.None));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.NewestLarge));
        if (store == BodyStoreKind.Redis)
            Assert.Null(await partition.Database.KeyTimeToLiveAsync(partition.Keys.Bodies.Body(item.Body!.Name)));
    }

    [Fact]
    public async Task One_step_appends_emails_with_and_without_a_body()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (cursor, step) = await StepAsync(partition);
        var stream = partition.Partition.Stream;

        var result = await stream.AppendAsync(Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 5, 5, 0, 0), result);
        await AssertHasAsync(partition, step, 5);
        // Also by the way that the poller takes first.
        Assert.NotNull(await stream.TryAppendAsync(
            Mails.Mailbox, cursor, 5, await ItemsAsync(stream, 6), Mails.Window, CancellationToken.None));
        Assert.Equal(4, (await partition.ReferersAsync()).Count);
        var before = await RedisState.OfAsync(partition);
        result = await stream.AppendAsync(Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);
        Assert.Equal(new AppendResult(AppendStatus.Complete, 10, 0, 0, 0), result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_step_that_fits_in_part_leaves_no_body_of_the_rest()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 3);
        var (cursor, step) = await StepAsync(partition);

        var result = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);

        Assert.Equal(new AppendResult(AppendStatus.Full, 3, 3, 0, 0), result);
        await AssertHasAsync(partition, step, 3);
    }

    [Fact]
    public async Task A_repeated_step_after_the_settle_of_one_email_leaves_no_body_of_it()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (cursor, step) = await StepAsync(partition);
        var stream = partition.Partition.Stream;
        await stream.AppendAsync(Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);
        await SettleAsync(partition, await ReadAsync(partition));
        await SettleAsync(partition, await ReadAsync(partition));
        var before = await RedisState.OfAsync(partition);

        var result = await stream.AppendAsync(Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 5, 0, 0, 0), result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
        Assert.Equal((false, true), (await partition.HasBodyAsync(step[1].Body!), await partition.HasBodyAsync(step[3].Body!)));
        Assert.Single(await partition.ReferersAsync());
    }

    [Fact]
    public async Task One_step_appends_dead_letters_and_bodies()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (cursor, step) = await StepAsync(partition);
        step[0] = step[0] with { Failure = Failure };

        var result = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 5, 4, 0, 1), result);
        Assert.Equal([2u, 3, 4, 5], await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(1u, Assert.Single(await partition.DeadLettersAsync()).Uid);
        Assert.Equal(2, (await partition.ReferersAsync()).Count);
        Assert.True(await partition.HasBodyAsync(step[1].Body!) && await partition.HasBodyAsync(step[3].Body!));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_repeated_append_changes_nothing(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (cursor, item) = await LargeMails.AppendAsync(partition);
        var before = await RedisState.OfAsync(partition);

        var result = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 0, [item], Mails.Window, CancellationToken.None);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 1, 0, 0, 0), result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
        Assert.True(await partition.HasBodyAsync(item.Body!));
        if (store == BodyStoreKind.Redis)
            Assert.Null(await partition.Database.KeyTimeToLiveAsync(partition.Keys.Bodies.Body(item.Body!.Name)));
    }

    [Fact]
    public async Task A_repeated_append_after_the_settle_leaves_no_body()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (cursor, item) = await LargeMails.AppendAsync(partition);
        await SettleAsync(partition, await ReadAsync(partition));
        var before = await RedisState.OfAsync(partition);

        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, [item], Mails.Window, CancellationToken.None);

        Assert.Equal(before, await RedisState.OfAsync(partition));
        Assert.False(await partition.HasBodyAsync(item.Body!));
    }

    [Theory]
    [InlineData("follows another", 1)]
    [InlineData("epoch changed", 1)]
    [InlineData("stream limit", 1)]
    [InlineData("follows another", 3)]
    [InlineData("epoch changed", 3)]
    [InlineData("stream limit", 3)]
    public async Task A_refused_append_leaves_no_body_in_Redis(string why, int count)
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 2);
        var stream = partition.Partition.Stream;
        await partition.EnsureGroupAsync();
        var cursor = await Mails.AppendAsync(stream, why == "stream limit" ? 2 : 1);
        var uid = cursor.Last + 3;
        if (why == "epoch changed")
            await stream.Mailboxes.StartEpochAsync(Mails.Mailbox, cursor, 8, 0, CancellationToken.None);
        List<AppendItem> items = [];
        for (var i = 0u; i < count; i++)
            items.Add(await LargeMails.ItemAsync(stream, uid + i));
        var before = await RedisState.OfAsync(partition);

        var result = await stream.AppendAsync(
            Mails.Mailbox, cursor, why == "follows another" ? uid : 1, items, Mails.Window, CancellationToken.None);

        Assert.Equal(why == "stream limit" ? AppendStatus.Full : AppendStatus.Moved, result.Status);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_content_that_an_earlier_epoch_appended_leaves_no_body(int others)
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var stream = partition.Partition.Stream;
        var (cursor, _) = await LargeMails.AppendAsync(partition);
        await stream.Mailboxes.StartEpochAsync(
            Mails.Mailbox, (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!, 8, 0, CancellationToken.None);
        cursor = (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        var again = await LargeMails.ItemAsync(stream, 1, epoch: cursor.Epoch);

        List<AppendItem> step = [again];
        for (var uid = 2u; uid < 2 + others; uid++)
            step.Add(await LargeMails.ItemAsync(stream, uid, epoch: cursor.Epoch));

        var result = await stream.AppendAsync(Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);

        Assert.Equal((AppendStatus.Complete, others, 1), (result.Status, result.Appended, result.Duplicates));
        Assert.False(await partition.HasBodyAsync(again.Body!));
        Assert.Equal(1 + others, (await partition.ReferersAsync()).Count);
        foreach (var item in step.Skip(1))
            Assert.True(await partition.HasBodyAsync(item.Body!));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_settle_of_the_last_entry_releases_the_body(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (_, item) = await LargeMails.AppendAsync(partition);
        var delivery = await ReadAsync(partition);

        Assert.Equal(SettleResult.Settled, await SettleAsync(partition, delivery));

        await AssertFreeAsync(partition, item.Body!);
        var after = await RedisState.OfAsync(partition);
        Assert.Equal(SettleResult.SettledBefore, await SettleAsync(partition, delivery));
        Assert.Equal(after, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_consumer_without_the_delivery_releases_no_body()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (_, item) = await LargeMails.AppendAsync(partition);
        var delivery = await ReadAsync(partition);
        var before = await RedisState.OfAsync(partition);

        Assert.Equal(SettleResult.Lost, await SettleAsync(partition, delivery with { DeliveryCount = 7 }));
        Assert.False(await partition.Partition.DeadLetters.MoveAsync(delivery, "two", Failure, CancellationToken.None));

        Assert.Equal(before, await RedisState.OfAsync(partition));
        Assert.True(await partition.HasBodyAsync(item.Body!));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_stays_while_a_second_entry_of_the_email_needs_it(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (cursor, item) = await LargeMails.AppendAsync(partition);
        // A lost cursor: the same email is appended a second time.
        await partition.Database.HashSetAsync(partition.Keys.Cursor(Mails.Mailbox), "last", 0);
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, [item], Mails.Window, CancellationToken.None);
        var (first, second) = (await ReadAsync(partition), await ReadAsync(partition));
        Assert.Equal(
            $"{LargeMails.Bytes} s:{first.EntryId} s:{second.EntryId}", Assert.Single(await partition.ReferersAsync()).Value);

        await SettleAsync(partition, first);

        Assert.True(await partition.HasBodyAsync(item.Body!));
        Assert.Equal($"{LargeMails.Bytes} s:{second.EntryId}", Assert.Single(await partition.ReferersAsync()).Value);
        await SettleAsync(partition, second);
        await AssertFreeAsync(partition, item.Body!);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_dead_letter_keeps_its_body_and_a_replay_gives_it_back(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (_, item) = await LargeMails.AppendAsync(partition);
        var appended = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        var deadLetters = partition.Partition.DeadLetters;

        Assert.True(await deadLetters.MoveAsync(await ReadAsync(partition), "one", Failure, CancellationToken.None));

        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(("whole", LargeMails.Bytes), (deadLetter.Body, deadLetter.Size));
        Assert.Equal($"{LargeMails.Bytes} d:{deadLetter.Id}", Assert.Single(await partition.ReferersAsync()).Value);
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.DeadLetterBody(deadLetter.Id)));
        Assert.Equal(
            item.Message.Raw.ToArray(), (await deadLetters.FindRawAsync(deadLetter.Id, CancellationToken.None))!.Value.ToArray());
        var (result, entry) = await deadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);
        Assert.Equal(ReplayResult.Replayed, result);
        Assert.Equal($"{LargeMails.Bytes} s:{entry}", Assert.Single(await partition.ReferersAsync()).Value);
        var replayed = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[^1];
        Assert.Equal(
            appended.Values.Select(field => $"{field.Name}={field.Value}"),
            replayed.Values.Where(field => field.Name != "first-failure" && field.Name != "replays")
                .Select(field => $"{field.Name}={field.Value}"));
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.True(await partition.HasBodyAsync(item.Body!));
        await SettleAsync(partition, await ReadAsync(partition));
        await AssertFreeAsync(partition, item.Body!);
    }

    // A consumer of an older version does not know references: it copies the fields, says that the entry was whole, and adds no referer.
    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_replay_of_an_older_consumers_dead_letter_refers_to_the_body(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        await LargeMails.AppendAsync(partition);
        var appended = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        var id = await partition.Database.StreamAddAsync(
            partition.Keys.DeadLetters, [new("body", "whole"), new("reason", "permanent"), new("entry", appended.Id), .. appended.Values]);

        var (result, entry) = await partition.Partition.DeadLetters.ReplayAsync(id!, "key", CancellationToken.None);

        Assert.Equal(ReplayResult.Replayed, result);
        Assert.Equal($"{LargeMails.Bytes} s:{appended.Id} s:{entry}", Assert.Single(await partition.ReferersAsync()).Value);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_deleted_dead_letter_releases_its_body(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (_, item) = await LargeMails.AppendAsync(partition);
        await partition.Partition.DeadLetters.MoveAsync(await ReadAsync(partition), "one", Failure, CancellationToken.None);
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());

        Assert.True(await partition.Partition.DeadLetters.DeleteAsync(deadLetter.Id, "key", CancellationToken.None));

        await AssertFreeAsync(partition, item.Body!);
        var after = await RedisState.OfAsync(partition);
        Assert.False(await partition.Partition.DeadLetters.DeleteAsync(deadLetter.Id, "key", CancellationToken.None));
        Assert.Equal(after, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_dead_letter_whose_body_is_gone_from_Redis_is_not_replayed()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (_, item) = await LargeMails.AppendAsync(partition);
        await partition.Partition.DeadLetters.MoveAsync(await ReadAsync(partition), "one", Failure, CancellationToken.None);
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        await partition.Database.KeyDeleteAsync(partition.Keys.Bodies.Body(item.Body!.Name));
        var before = await RedisState.OfAsync(partition);

        var (result, _) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        Assert.Equal(ReplayResult.Bodiless, result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
        Assert.Null(await partition.Partition.DeadLetters.FindRawAsync(deadLetter.Id, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_that_somebody_took_from_the_hash_is_not_deleted(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (cursor, item) = await LargeMails.AppendAsync(partition);
        await partition.Database.KeyDeleteAsync(partition.Keys.Bodies.Referers);

        // A repeat of the append does not take it for its own.
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, [item], Mails.Window, CancellationToken.None);
        Assert.True(await partition.HasBodyAsync(item.Body!));
        Assert.Equal(SettleResult.Settled, await SettleAsync(partition, await ReadAsync(partition)));

        Assert.True(await partition.HasBodyAsync(item.Body!));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Bodies.Released));
    }

    [Fact]
    public async Task A_step_without_transactions_writes_its_bodies_and_entries()
    {
        await using var partition = WithoutTransactions();
        var (cursor, step) = await StepAsync(partition);

        var result = await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 0, step, Mails.Window, CancellationToken.None);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 5, 5, 0, 0), result);
        await AssertHasAsync(partition, step, 5);
        foreach (var item in step.Where(item => item.Body is not null))
            Assert.Null(await partition.Database.KeyTimeToLiveAsync(partition.Keys.Bodies.Body(item.Body!.Name)));
    }

    [Fact]
    public async Task An_append_without_transactions_writes_body_and_entry()
    {
        await using var partition = WithoutTransactions();

        var (_, item) = await LargeMails.AppendAsync(partition);

        var delivery = await ReadAsync(partition);
        Assert.Equal(
            item.Message.Raw.ToArray(), await partition.Partition.GuardedBodies.ReadAsync(delivery.Body!, CancellationToken.None));
        await SettleAsync(partition, delivery);
        await AssertFreeAsync(partition, item.Body!);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_body_whose_append_fails_expires(int count)
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        await partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        List<AppendItem> items = [];
        for (var uid = 1u; uid <= count; uid++)
            items.Add(await LargeMails.ItemAsync(partition.Partition.Stream, uid));
        await partition.Database.StringSetAsync(partition.Keys.Bodies.Referers, "of another type");

        await Assert.ThrowsAsync<RedisServerException>(() => partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 0, items, Mails.Window, CancellationToken.None));

        foreach (var item in items)
        {
            var left = await partition.Database.KeyTimeToLiveAsync(partition.Keys.Bodies.Body(item.Body!.Name));
            Assert.InRange(left!.Value, TimeSpan.FromDays(1), TimeSpan.FromDays(2));
        }

        Assert.Equal(0, await partition.Database.StreamLengthAsync(partition.Keys.Stream));
    }

    [Fact]
    public async Task No_entry_is_appended_whose_body_is_not_in_Redis()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var stream = partition.Partition.Stream;
        await partition.EnsureGroupAsync();
        await Mails.StartAsync(stream);
        var item = await LargeMails.ItemAsync(stream, 1);
        var before = await RedisState.OfAsync(partition);
        var fields = EntryCodec.Encode(item.Message, item.Body).SelectMany(field => new[] { field.Name, field.Value }).ToArray();
        var keys = partition.Keys;

        var reply = await partition.Database.ScriptEvaluateAsync(
            Scripts.Append,
            [
                keys.Stream, keys.DeadLetters, keys.Cursor(Mails.Mailbox), keys.Digests(Mails.Mailbox, new DateOnly(2026, 1, 2)),
                keys.Notes(Mails.Mailbox), keys.NotesUnmade, keys.NewestLarge, keys.Bodies.Referers,
            ],
            [0, 0, 0, 0, 0, "", 1, "", "", 0, 1, "r", "", fields.Length, .. fields]);

        Assert.Equal("bodiless", (string?)reply[0]);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task Entries_with_their_message_are_read_above_the_limit()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        await partition.EnsureGroupAsync();
        var message = LargeMails.Message(1);
        await partition.Database.StreamAddAsync(partition.Keys.Stream, EntryCodec.Encode(message));

        var delivery = await ReadAsync(partition);

        Assert.Null(delivery.Body);
        Assert.Equal(message.Raw.ToArray(), delivery.Message!.Raw.ToArray());
        Assert.Equal(SettleResult.Settled, await SettleAsync(partition, delivery));
    }

    // The second and the fourth have a body.
    private static async Task<(MailboxCursor Cursor, List<AppendItem> Step)> StepAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        return (await Mails.StartAsync(partition.Partition.Stream), await ItemsAsync(partition.Partition.Stream, 1));
    }

    private static async Task<List<AppendItem>> ItemsAsync(EmailStream stream, uint first)
    {
        List<AppendItem> items = [];
        for (var uid = first; uid < first + 5; uid++)
            items.Add(await LargeMails.ItemAsync(stream, uid, (uid - first) % 2 == 1 ? LargeMails.Bytes : 2_000));
        return items;
    }

    // The first emails of the step, and nothing of the others.
    private static async Task AssertHasAsync(TestPartition partition, List<AppendItem> step, int count)
    {
        Assert.Equal(
            step.Take(count).Select(item => item.Message.Uid),
            await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        foreach (var (item, index) in step.Select((item, index) => (item, index)).Where(one => one.item.Body is not null))
            Assert.Equal(index < count, await partition.HasBodyAsync(item.Body!));
        Assert.Equal(step.Take(count).Count(item => item.Body is not null), (await partition.ReferersAsync()).Count);
    }

    private TestPartition WithoutTransactions()
    {
        var partition = new TestPartition(servers, options => options.ConnectionString += ",user=bodies,password=secret");
        partition.Database.Execute("ACL", "SETUSER", "bodies", "on", ">secret", "resetkeys", "~*", "&*", "+@all", "-multi");
        return partition;
    }

    private TestPartition Partition(BodyStoreKind store) => new(servers, bodies: bodies => bodies.Store = store);

    private static async Task<Delivery> ReadAsync(TestPartition partition)
    {
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        return Assert.Single(await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), CancellationToken.None));
    }

    private static async Task<SettleResult> SettleAsync(TestPartition partition, Delivery delivery)
    {
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        return Assert.Single(await group.SettleAsync([delivery], CancellationToken.None));
    }

    // In Redis it is deleted in the same step. Outside it is noted for BodyCleaner.
    private static async Task AssertFreeAsync(TestPartition partition, BodyReference body)
    {
        Assert.Empty(await partition.ReferersAsync());
        if (body.Store == BodyStoreKind.Redis)
            Assert.False(await partition.HasBodyAsync(body));
        else
            Assert.Equal([body.Name], await partition.Database.SortedSetRangeByRankAsync(partition.Keys.Bodies.Released));
    }
}
