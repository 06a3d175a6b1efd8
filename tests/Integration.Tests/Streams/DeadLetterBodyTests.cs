using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that the message of a dead letter has its own key, and that all other fields are bounded.</summary>
public sealed class DeadLetterBodyTests(TestServers servers)
{
    private const int Large = 5_000_000;

    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Malformed, "malformed", "broken");

    [Fact]
    public async Task The_list_of_dead_letters_does_not_contain_their_messages()
    {
        await using var partition = new TestPartition(servers);
        var deadLetter = await DeadLetterAsync(partition, new("raw", new byte[Large]), new("subject", "x"));

        var fieldBytes = (await partition.Database.StreamRangeAsync(partition.Keys.DeadLetters))[0].Values.Sum(
            field => field.Value.Length());

        Assert.InRange(fieldBytes, 1, 1_000);
        Assert.Equal(("x", "whole"), (deadLetter.Subject, deadLetter.Body));
        Assert.Equal(Large, await partition.Database.StringLengthAsync(partition.Keys.DeadLetterBody(deadLetter.Id)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_message_is_deleted_with_its_dead_letter(bool replayed)
    {
        await using var partition = new TestPartition(servers);
        var deadLetter = await DeadLetterAsync(partition, new("raw", "hello"), new("subject", "x"));
        var deadLetters = partition.Partition.DeadLetters;

        if (replayed)
            Assert.Equal(ReplayResult.Replayed, (await deadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None)).Result);
        else
            Assert.True(await deadLetters.DeleteAsync(deadLetter.Id, "key", CancellationToken.None));

        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.DeadLetterBody(deadLetter.Id)));
        Assert.Null(await deadLetters.FindRawAsync(deadLetter.Id, CancellationToken.None));
        if (replayed)
            Assert.Equal("hello", (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[^1]["raw"]);
    }

    [Fact]
    public async Task A_dead_letter_of_a_former_version_is_listed_read_and_replayed()
    {
        await using var partition = new TestPartition(servers);
        var database = partition.Database;
        string id = (await database.StreamAddAsync(
            partition.Keys.DeadLetters,
            [new("body", "whole"), new("reason", "permanent"), new("uid", 7), new("raw", new byte[Large]), new("replays", 0)]))!;
        var deadLetters = partition.Partition.DeadLetters;

        Assert.Equal(
            (7u, "whole"),
            ((await deadLetters.FindAsync(id, CancellationToken.None))!.Uid, Assert.Single(await partition.DeadLettersAsync()).Body));
        Assert.Equal(Large, (await deadLetters.FindRawAsync(id, CancellationToken.None))!.Value.Length);
        Assert.Equal(ReplayResult.Replayed, (await deadLetters.ReplayAsync(id, "key", CancellationToken.None)).Result);

        var entry = Assert.Single(await database.StreamRangeAsync(partition.Keys.Stream));
        Assert.Equal(["uid", "replays", "raw"], entry.Values.Select(field => field.Name.ToString()));
        Assert.Equal(Large, entry["raw"].Length());
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task A_dead_letter_with_a_deleted_message_is_not_replayed()
    {
        await using var partition = new TestPartition(servers);
        var deadLetter = await DeadLetterAsync(partition, new("raw", "hello"), new("subject", "x"));
        await partition.Database.KeyDeleteAsync(partition.Keys.DeadLetterBody(deadLetter.Id));
        var before = await RedisState.OfAsync(partition);

        var (result, _) = await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        Assert.Equal(ReplayResult.Bodiless, result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task An_entry_of_ten_thousand_fields_is_dead_lettered_and_replayed_without_a_loss()
    {
        await using var partition = new TestPartition(servers);
        NameValueEntry[] junk = [.. Enumerable.Range(0, 10_000).Select(i => new NameValueEntry($"junk {i}", $"value {i}"))];
        var deadLetter = await DeadLetterAsync(
            partition, [.. junk, new("raw", "hello"), new("raw", "second"), new("subject", "x"), new("subject", "y")]);
        Assert.Equal("x", deadLetter.Subject);

        Assert.Equal(
            ReplayResult.Replayed,
            (await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None)).Result);

        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[^1];
        Assert.Equal(("hello", "x"), (entry["raw"].ToString(), entry["subject"].ToString()));
        var packed = (string[])(await partition.Database.ExecuteAsync("EVAL", "return cmsgpack.unpack(ARGV[1])", 0, entry["more-fields"]))!;
        var all = entry.Values.Where(field => field.Name.StartsWith("junk"))
            .Concat(packed.Chunk(2).Select(pair => new NameValueEntry(pair[0], pair[1])))
            .ToArray();
        Assert.Equal(junk.Concat([new("raw", "second"), new("subject", "y")]).ToHashSet(), all.ToHashSet());
    }

    [Fact]
    public async Task A_dead_letters_fields_are_cut_in_the_list_and_a_page_is_bounded()
    {
        await using var partition = new TestPartition(servers);
        for (var i = 0; i < 400; i++)
        {
            await partition.Database.StreamAddAsync(
                partition.Keys.DeadLetters,
                [new("subject", new string('s', 10_000)), new("from", new string('f', 10_000)), new("x", new byte[100])]);
        }

        var (first, after) = await partition.Partition.DeadLetters.PageAsync(1_000, null, null, null, CancellationToken.None);
        var (second, end) = await partition.Partition.DeadLetters.PageAsync(1_000, after, null, null, CancellationToken.None);

        Assert.Equal((400, null), (first.Count + second.Count, end));
        Assert.InRange(first.Count, 200, 399);
        Assert.All(first, deadLetter => Assert.Equal(8_192, deadLetter.Subject.Length));
    }

    private static async Task<DeadLetter> DeadLetterAsync(TestPartition partition, params NameValueEntry[] fields)
    {
        await partition.EnsureGroupAsync();
        await partition.Database.StreamAddAsync(partition.Keys.Stream, fields);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var delivery = Assert.Single(await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "one", Failure, CancellationToken.None));
        return Assert.Single(await partition.DeadLettersAsync());
    }
}
