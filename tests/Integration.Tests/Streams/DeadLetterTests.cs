using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class DeadLetterTests(TestServers servers)
{
    [Fact]
    public async Task Dead_lettering_moves_the_whole_entry_with_the_reason()
    {
        await using var partition = new TestPartition(servers);
        var (delivery, entry) = await DeliverAsync(partition);
        // The longest stack trace that is stored.
        var trace = $"TestException: Order 4711\n   at {new string('é', 4_080)}";
        var failure = FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "Order 4711 is\nunknown") with { StackTrace = trace };

        Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", failure, CancellationToken.None));

        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        var written = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.DeadLetters));
        // Every field of the entry except the message is among the fields of the record, byte for byte.
        Assert.Equal(
            entry.Values.Where(field => field.Name != EntryFields.Raw),
            written.Values.Where(field => entry.Values.Any(own => own.Name == field.Name)));
        var deadLetter = await partition.Partition.DeadLetters.FindAsync(written.Id!, CancellationToken.None);
        Assert.Equal(
            new DeadLetter
            {
                Id = written.Id!,
                EmailId = delivery.Message!.Id.ToString(),
                Mailbox = Mails.Mailbox,
                UidValidity = Mails.UidValidity,
                Uid = 1,
                MessageId = "1@example.test",
                From = "sender@example.test",
                Subject = "Mail 1",
                Date = "2026-01-02T03:04:05.0000000Z",
                Size = delivery.Message.Size,
                Body = "whole",
                EntryId = delivery.EntryId,
                Reason = DeadLetterReasons.Permanent,
                ErrorType = "TestException",
                ErrorMessage = "Order 4711 is unknown",
                StackTrace = trace,
                Fingerprint = failure.Fingerprint,
                DeliveryCount = 1,
                Consumer = "one",
                FirstFailure = deadLetter!.LastFailure,
                LastFailure = deadLetter.LastFailure,
                Replays = 0,
            },
            deadLetter);
        var raw = await partition.Partition.DeadLetters.FindRawAsync(written.Id!, CancellationToken.None);
        Assert.Equal(delivery.Message.Raw.ToArray(), raw!.Value.ToArray());
    }

    [Fact]
    public async Task A_deleted_entry_is_acknowledged_and_becomes_no_dead_letter()
    {
        await using var partition = new TestPartition(servers);
        var (delivery, _) = await DeliverAsync(partition);
        await partition.Database.StreamDeleteAsync(partition.Keys.Stream, [delivery.EntryId]);

        Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure(), CancellationToken.None));

        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.DeadLetters));
    }

    [Fact]
    public async Task A_repeated_move_writes_no_second_dead_letter()
    {
        await using var partition = new TestPartition(servers);
        var (delivery, _) = await DeliverAsync(partition);
        await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure(), CancellationToken.None);
        var before = await RedisState.OfAsync(partition);

        Assert.False(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure(), CancellationToken.None));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task The_list_is_paged_in_the_order_of_the_moves()
    {
        await using var partition = new TestPartition(servers);
        await AddAsync(partition, 7);
        var deadLetters = partition.Partition.DeadLetters;

        var first = await deadLetters.ListAsync(3, null, null, null, CancellationToken.None);
        var second = await deadLetters.ListAsync(3, first[^1].Id, null, null, CancellationToken.None);
        var third = await deadLetters.ListAsync(3, second[^1].Id, null, null, CancellationToken.None);

        Assert.Equal([1u, 2, 3], first.Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Equal([4u, 5, 6], second.Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Equal([7u], third.Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Empty(await deadLetters.ListAsync(3, third[^1].Id, null, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_filter_fills_the_page_and_the_next_one_continues_after_it()
    {
        await using var partition = new TestPartition(servers);
        // Every hundredth belongs to another mailbox. More than one page of the scan lies between two of them.
        await AddAsync(partition, 700, uid => uid % 100 == 0 ? "other" : Mails.Mailbox, uid => uid == 350 ? "rare" : "common");
        var deadLetters = partition.Partition.DeadLetters;

        var first = await deadLetters.ListAsync(4, null, "other", null, CancellationToken.None);
        var rest = await deadLetters.ListAsync(4, first[^1].Id, "other", null, CancellationToken.None);
        var rare = await deadLetters.ListAsync(4, null, null, "rare", CancellationToken.None);

        Assert.Equal([100u, 200, 300, 400], first.Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Equal([500u, 600, 700], rest.Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Equal([350u], rare.Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Empty(await deadLetters.ListAsync(4, null, "other", "rare", CancellationToken.None));
    }

    [Fact]
    public async Task A_missing_dead_letter_is_not_found()
    {
        await using var partition = new TestPartition(servers);
        await AddAsync(partition, 1);
        var deadLetters = partition.Partition.DeadLetters;

        Assert.Null(await deadLetters.FindAsync("1-1", CancellationToken.None));
        Assert.Null(await deadLetters.FindRawAsync("1-1", CancellationToken.None));
        Assert.False(await deadLetters.DeleteAsync("1-1", "key", CancellationToken.None));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Audit));
    }

    [Fact]
    public async Task A_deletion_is_recorded()
    {
        await using var partition = new TestPartition(servers);
        await AddAsync(partition, 2);
        var deadLetters = partition.Partition.DeadLetters;
        var first = (await deadLetters.ListAsync(1, null, null, null, CancellationToken.None))[0];

        Assert.True(await deadLetters.DeleteAsync(first.Id, "the key", CancellationToken.None));
        Assert.False(await deadLetters.DeleteAsync(first.Id, "the key", CancellationToken.None));

        Assert.Equal(
            [2u], (await deadLetters.ListAsync(10, null, null, null, CancellationToken.None)).Select(deadLetter => deadLetter.Uid!.Value));
        var audit = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Audit));
        Assert.Equal(
            ("the key", "delete", first.Id, 1),
            ((string)audit["who"]!, (string)audit["what"]!, (string)audit["letter"]!, (int)audit["count"]));
    }

    private static FailureRecord Failure() => FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken");

    private static async Task<(Delivery Delivery, StreamEntry Entry)> DeliverAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        var entry = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        return (Assert.Single(await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None)), entry);
    }

    private static Task<RedisValue[]> AddAsync(
        TestPartition partition, int count, Func<uint, string>? mailbox = null, Func<uint, string>? fingerprint = null) =>
        Task.WhenAll(Mails.UidRange(1, (uint)count).Select(uid => partition.Database.StreamAddAsync(
            partition.Keys.DeadLetters,
            [
                new("uid", uid), new("mailbox", mailbox?.Invoke(uid) ?? Mails.Mailbox), new("fingerprint", fingerprint?.Invoke(uid) ?? "f"),
                new("body", "whole"), new("raw", "raw"),
            ])));
}
