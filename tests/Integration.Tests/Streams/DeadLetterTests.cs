using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class DeadLetterTests(TestServers servers)
{
    [Fact]
    public async Task A_burial_moves_the_whole_entry_and_says_why()
    {
        await using var partition = new TestPartition(servers);
        var (delivery, entry) = await DeliverAsync(partition);
        // As long as a stack trace may be.
        var trace = $"TestException: Order 4711\n   at {new string('é', 4_080)}";
        var failure = FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "Order 4711 is\nunknown") with { StackTrace = trace };

        Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", failure, CancellationToken.None));

        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        var buried = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.DeadLetters));
        // Every field of the entry but the message, byte for byte, between those of the record.
        Assert.Equal(
            entry.Values.Where(field => field.Name != EntryFields.Raw),
            buried.Values.Where(field => entry.Values.Any(own => own.Name == field.Name)));
        var letter = await partition.Partition.DeadLetters.FindAsync(buried.Id!, CancellationToken.None);
        Assert.Equal(
            new DeadLetter
            {
                Id = buried.Id!,
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
                FirstFailure = letter!.LastFailure,
                LastFailure = letter.LastFailure,
                Replays = 0,
            },
            letter);
        var raw = await partition.Partition.DeadLetters.FindRawAsync(buried.Id!, CancellationToken.None);
        Assert.Equal(delivery.Message.Raw.ToArray(), raw!.Value.ToArray());
    }

    [Fact]
    public async Task An_entry_that_somebody_deleted_is_acknowledged_and_leaves_no_letter()
    {
        await using var partition = new TestPartition(servers);
        var (delivery, _) = await DeliverAsync(partition);
        await partition.Database.StreamDeleteAsync(partition.Keys.Stream, [delivery.EntryId]);

        Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure(), CancellationToken.None));

        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.DeadLetters));
    }

    [Fact]
    public async Task A_burial_that_is_repeated_writes_no_second_letter()
    {
        await using var partition = new TestPartition(servers);
        var (delivery, _) = await DeliverAsync(partition);
        await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure(), CancellationToken.None);
        var before = await RedisState.OfAsync(partition);

        Assert.False(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure(), CancellationToken.None));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task The_list_is_paged_in_the_order_of_burial()
    {
        await using var partition = new TestPartition(servers);
        await AddAsync(partition, 7);
        var letters = partition.Partition.DeadLetters;

        var first = await letters.ListAsync(3, null, null, null, CancellationToken.None);
        var second = await letters.ListAsync(3, first[^1].Id, null, null, CancellationToken.None);
        var third = await letters.ListAsync(3, second[^1].Id, null, null, CancellationToken.None);

        Assert.Equal([1u, 2, 3], first.Select(letter => letter.Uid!.Value));
        Assert.Equal([4u, 5, 6], second.Select(letter => letter.Uid!.Value));
        Assert.Equal([7u], third.Select(letter => letter.Uid!.Value));
        Assert.Empty(await letters.ListAsync(3, third[^1].Id, null, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_filter_reads_on_until_the_page_is_full_and_goes_on_where_it_ended()
    {
        await using var partition = new TestPartition(servers);
        // Every hundredth is another's; more than one page of the scan lies between two of them.
        await AddAsync(partition, 700, uid => uid % 100 == 0 ? "other" : Mails.Mailbox, uid => uid == 350 ? "rare" : "common");
        var letters = partition.Partition.DeadLetters;

        var first = await letters.ListAsync(4, null, "other", null, CancellationToken.None);
        var rest = await letters.ListAsync(4, first[^1].Id, "other", null, CancellationToken.None);
        var rare = await letters.ListAsync(4, null, null, "rare", CancellationToken.None);

        Assert.Equal([100u, 200, 300, 400], first.Select(letter => letter.Uid!.Value));
        Assert.Equal([500u, 600, 700], rest.Select(letter => letter.Uid!.Value));
        Assert.Equal([350u], rare.Select(letter => letter.Uid!.Value));
        Assert.Empty(await letters.ListAsync(4, null, "other", "rare", CancellationToken.None));
    }

    [Fact]
    public async Task A_letter_that_is_not_there_is_not_found()
    {
        await using var partition = new TestPartition(servers);
        await AddAsync(partition, 1);
        var letters = partition.Partition.DeadLetters;

        Assert.Null(await letters.FindAsync("1-1", CancellationToken.None));
        Assert.Null(await letters.FindRawAsync("1-1", CancellationToken.None));
        Assert.False(await letters.DeleteAsync("1-1", "key", CancellationToken.None));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Audit));
    }

    [Fact]
    public async Task A_deletion_is_written_down()
    {
        await using var partition = new TestPartition(servers);
        await AddAsync(partition, 2);
        var letters = partition.Partition.DeadLetters;
        var first = (await letters.ListAsync(1, null, null, null, CancellationToken.None))[0];

        Assert.True(await letters.DeleteAsync(first.Id, "the key", CancellationToken.None));
        Assert.False(await letters.DeleteAsync(first.Id, "the key", CancellationToken.None));

        Assert.Equal([2u], (await letters.ListAsync(10, null, null, null, CancellationToken.None)).Select(letter => letter.Uid!.Value));
        var audit = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Audit));
        Assert.Equal(("the key", "delete", first.Id, 1), ((string)audit["who"]!, (string)audit["what"]!, (string)audit["letter"]!, (int)audit["count"]));
    }

    private static FailureRecord Failure() => FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken");

    private static async Task<(Delivery Delivery, StreamEntry Entry)> DeliverAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        var entry = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        return (Assert.Single(await group.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None)), entry);
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
