using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class ReplayTests(TestServers servers)
{
    [Fact]
    public async Task A_replay_moves_the_dead_letter_back_to_the_stream_with_a_record()
    {
        await using var partition = new TestPartition(servers);
        var sent = Mails.Message(1).Raw.ToArray();
        var deadLetter = await MoveAsync(partition);

        var (result, entry) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "the key", CancellationToken.None);

        Assert.Equal(ReplayResult.Replayed, result);
        Assert.Equal(0, await partition.Database.StreamLengthAsync(partition.Keys.DeadLetters));
        var back = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[^1];
        Assert.Equal(entry, back.Id);
        Assert.Equal(
            [
                "version", "id", "mailbox", "uidvalidity", "uid", "message-id", "from", "subject", "date", "size", "raw", "first-failure",
                "replays",
            ],
            back.Values.Select(field => field.Name.ToString()));
        Assert.Equal(sent, (byte[]?)back["raw"]);
        Assert.Equal((deadLetter.FirstFailure, 1), ((string)back["first-failure"]!, (int)back["replays"]));
        var audit = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Audit));
        Assert.Equal(
            ("the key", "replay", deadLetter.Id, entry, 1),
            ((string)audit["who"]!, (string)audit["what"]!, (string)audit["letter"]!, (string)audit["entry"]!, (int)audit["count"]));
    }

    [Fact]
    public async Task Flags_labels_and_ids_survive_a_dead_letter_and_its_replay()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        var item = Mails.Item(1);
        item = item with
        {
            Message = item.Message with
            {
                Flags = [@"\Seen"],
                Labels = [@"\Inbox", "März"],
                GmailMessageId = 12,
                GmailThreadId = ulong.MaxValue,
            },
        };
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, [item], Mails.Window, CancellationToken.None);
        var deadLetter = await DeadLetterNextAsync(partition, "one", "broken");
        await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        var email = (await partition.EmailsAsync())[^1];
        Assert.Equal([@"\Seen"], email.Flags);
        Assert.Equal([@"\Inbox", "März"], email.Labels);
        Assert.Equal((12ul, ulong.MaxValue), (email.GmailMessageId, email.GmailThreadId));
    }

    [Fact]
    public async Task A_second_dead_letter_keeps_the_first_failure_and_counts_the_replays()
    {
        await using var partition = new TestPartition(servers);
        var first = await MoveAsync(partition);
        await partition.Partition.DeadLetters.ReplayAsync(first.Id, "key", CancellationToken.None);
        var second = await DeadLetterNextAsync(partition, "two", "another reason");
        await partition.Partition.DeadLetters.ReplayAsync(second.Id, "key", CancellationToken.None);
        var third = await DeadLetterNextAsync(partition, "three", "a third reason");

        Assert.Equal((1, 2), (second.Replays, third.Replays));
        Assert.Equal(first.FirstFailure, third.FirstFailure);
        Assert.NotEqual(first.LastFailure, third.LastFailure);
        Assert.Equal(("a third reason", "three", 1), (third.ErrorMessage, third.Consumer, third.DeliveryCount));
        // Each name occurs once, because a new record replaces the former one.
        var fields = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.DeadLetters)).Values;
        Assert.Equal(fields.Length, fields.Select(field => field.Name.ToString()).Distinct().Count());
    }

    [Fact]
    public async Task A_replay_at_the_stream_limit_writes_nothing()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 1);
        var deadLetter = await MoveAsync(partition);
        await partition.Partition.Stream.TrimAsync(CancellationToken.None);
        await partition.Database.StreamAddAsync(partition.Keys.Stream, "unread", "1");
        Assert.Equal(1, await partition.Partition.Stream.LengthAsync(CancellationToken.None));
        var before = await RedisState.OfAsync(partition);

        var (result, entry) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        Assert.Equal((ReplayResult.Full, null), (result, entry));
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task Settled_entries_that_are_not_trimmed_yet_do_not_stop_a_replay()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 1);
        var deadLetter = await MoveAsync(partition);
        Assert.Equal(1, await partition.Partition.Stream.LengthAsync(CancellationToken.None));

        var (result, _) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        Assert.Equal(ReplayResult.Replayed, result);
        Assert.Equal(1, (await partition.ReadSnapshotAsync()).Depth);
    }

    [Fact]
    public async Task A_repeated_replay_finds_no_dead_letter_and_writes_nothing()
    {
        await using var partition = new TestPartition(servers);
        var deadLetter = await MoveAsync(partition);
        await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);
        var before = await RedisState.OfAsync(partition);

        var (result, entry) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        Assert.Equal((ReplayResult.Missing, null), (result, entry));
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task One_of_several_concurrent_replays_moves_the_dead_letter()
    {
        await using var partition = new TestPartition(servers);
        var deadLetter = await MoveAsync(partition);

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None)));

        Assert.Single(results, result => result.Result == ReplayResult.Replayed);
        Assert.Equal([1u, 1], await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("headers")]
    public async Task A_dead_letter_without_the_whole_message_is_not_replayed(string body)
    {
        await using var partition = new TestPartition(servers);
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        var item = Mails.Item(1, failure: FailureRecord.Of(DeadLetterReasons.FetchFailed, "x", "y"));
        if (body == "none")
            item = item with { Message = item.Message with { Raw = default } };
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, [item], Mails.Window, CancellationToken.None);
        var deadLetter = Assert.Single(await partition.Partition.DeadLetters.ListAsync(1, null, null, null, CancellationToken.None));
        var before = await RedisState.OfAsync(partition);

        var (result, _) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        Assert.Equal((body, ReplayResult.Bodiless), (deadLetter.Body, result));
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task An_entry_of_another_producer_can_be_dead_lettered_and_replayed()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        // Field names that the record uses too, as another producer may choose them.
        await partition.Database.StreamAddAsync(
            partition.Keys.Stream, [new("reason", "mine"), new("first-failure", "mine"), new("replays", "many"), new("junk", "x")]);
        var deadLetter = await DeadLetterNextAsync(partition, "one", "malformed");
        Assert.Equal((DeadLetterReasons.Malformed, "malformed", 0), (deadLetter.Reason, deadLetter.ErrorMessage, deadLetter.Replays));

        var (result, _) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);
        Assert.Equal(ReplayResult.Replayed, result);

        Assert.Equal(1, (await DeadLetterNextAsync(partition, "one", "malformed")).Replays);
    }

    private static FailureRecord Failure(string reason, string why) =>
        FailureRecord.Of(reason, "x", why) with { StackTrace = $"x: {why}\n   at y" };

    private static async Task<DeadLetter> MoveAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        return await DeadLetterNextAsync(partition, "one", "broken");
    }

    private static async Task<DeadLetter> DeadLetterNextAsync(TestPartition partition, string consumer, string why)
    {
        await using var group = partition.Partition.Join(consumer, TimeSpan.FromMinutes(1));
        var delivery = Assert.Single(await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None));
        var reason = delivery.Malformed is null ? DeadLetterReasons.Permanent : DeadLetterReasons.Malformed;
        Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, consumer, Failure(reason, why), CancellationToken.None));
        return Assert.Single(await partition.Partition.DeadLetters.ListAsync(10, null, null, null, CancellationToken.None));
    }
}
