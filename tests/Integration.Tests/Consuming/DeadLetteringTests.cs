using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class DeadLetteringTests(TestServers servers)
{
    [Fact]
    public async Task An_email_whose_every_delivery_fails_is_buried_after_the_last()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var script = new ProcessorScript((message, _) => message.Uid == 2 ? throw new InvalidOperationException("It is broken.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script, ("Consumer:Lease", "00:00:01"), ("Consumer:LeaseRenewal", "00:00:00.300"));

        var letter = await partition.OnlyDeadLetterAsync();
        Assert.Equal(
            (2u, DeadLetterReasons.MaxDeliveries, 5, nameof(InvalidOperationException), "It is broken."),
            (letter.Uid, letter.Reason, letter.DeliveryCount, letter.ErrorType, letter.ErrorMessage));
        await partition.DrainedAsync();
        Assert.Equal([1u, 2, 2, 2, 2, 2, 3], script.Runs);
        Assert.Equal(2, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task A_permanent_failure_is_buried_at_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var script = new ProcessorScript((message, _) =>
            message.Uid == 2 ? throw new PermanentFailureException("Never.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script);

        var letter = await partition.OnlyDeadLetterAsync();
        Assert.Equal((2u, DeadLetterReasons.Permanent, 1), (letter.Uid, letter.Reason, letter.DeliveryCount));
        await partition.DrainedAsync();
        Assert.Equal([1u, 2, 3], script.Runs);
        Assert.Equal(2, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task An_email_that_is_replayed_is_processed()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var broken = true;
        var script = new ProcessorScript((_, _) => broken ? throw new PermanentFailureException("Not yet.") : Task.CompletedTask);
        await partition.StartConsumerAsync(script);
        var letter = await partition.OnlyDeadLetterAsync();

        broken = false;
        await partition.Partition.DeadLetters.ReplayAsync(letter.Id, "key", CancellationToken.None);

        await Eventually.TrueAsync(() => script.Completed.Length == 1, "the replayed email is processed");
        await partition.DrainedAsync();
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(1, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task Malformed_entries_are_buried_at_once_and_the_rest_goes_on()
    {
        await using var partition = await servers.PartitionWithMailAsync(2);
        var good = (await partition.Database.StreamRangeAsync(partition.Keys.Stream, count: 1))[0].Values;
        await AddAsync([new("junk", "x")]);
        await AddAsync([new(EntryFields.VersionName, 2), .. good.Where(field => field.Name != EntryFields.VersionName)]);
        await AddAsync([.. good.Where(field => field.Name != EntryFields.Raw)]);
        await AddAsync([.. good.Where(field => field.Name != EntryFields.Id), new(EntryFields.Id, "short")]);
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(script);
        await partition.DrainedAsync();

        var letters = await partition.DeadLettersAsync();
        Assert.All(letters, letter => Assert.Equal((DeadLetterReasons.Malformed, 1), (letter.Reason, letter.DeliveryCount)));
        Assert.Equal(
            ["field 'id' is not 16 bytes", "field 'raw' is missing", "field 'version' is not 1", "field 'version' is not 1"],
            letters.Select(letter => letter.ErrorMessage).Order(StringComparer.Ordinal));
        Assert.Equal([1u, 2], script.Runs);

        Task<RedisValue> AddAsync(NameValueEntry[] fields) => partition.Database.StreamAddAsync(partition.Keys.Stream, fields);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(4, true)]
    public async Task An_entry_past_its_last_delivery_is_buried_without_being_run(int delivered, bool runs)
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "dead", ">"))[0].Id;
        await partition.Database.ExecuteAsync(
            "XCLAIM", partition.Keys.Stream, StreamKeys.Group, "dead", 0, entry, "IDLE", 60_000, "RETRYCOUNT", delivered, "JUSTID");
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(script);
        await partition.DrainedAsync();

        Assert.Equal(runs ? [1u] : [], script.Runs);
        var letters = await partition.DeadLettersAsync();
        if (runs)
            Assert.Empty(letters);
        else
            Assert.Equal((DeadLetterReasons.Abandoned, delivered + 1), (Assert.Single(letters).Reason, letters[0].DeliveryCount));
    }
}
