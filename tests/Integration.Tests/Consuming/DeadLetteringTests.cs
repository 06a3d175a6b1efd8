using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class DeadLetteringTests(TestServers servers)
{
    [Fact]
    public async Task An_email_whose_every_delivery_fails_is_dead_lettered_after_the_last()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var script = new ProcessorScript(
            (message, _) => message.Uid == 2 ? throw new InvalidOperationException("It is broken.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script, ("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"));

        var deadLetter = await partition.OnlyDeadLetterAsync();
        Assert.Equal(
            (2u, DeadLetterReasons.MaxDeliveries, 5, nameof(InvalidOperationException), "It is broken."),
            (deadLetter.Uid, deadLetter.Reason, deadLetter.DeliveryCount, deadLetter.ErrorType, deadLetter.ErrorMessage));
        await partition.DrainedAsync();
        Assert.Equal([1u, 2, 2, 2, 2, 2, 3], script.Runs);
        Assert.Equal(2, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task A_permanent_failure_is_dead_lettered_at_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var script = new ProcessorScript((message, _) =>
            message.Uid == 2 ? throw new PermanentFailureException("Never.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script);

        var deadLetter = await partition.OnlyDeadLetterAsync();
        Assert.Equal((2u, DeadLetterReasons.Permanent, 1), (deadLetter.Uid, deadLetter.Reason, deadLetter.DeliveryCount));
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
        var deadLetter = await partition.OnlyDeadLetterAsync();

        broken = false;
        await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);

        await Eventually.TrueAsync(() => script.Completed.Length == 1, "the replayed email is processed");
        await partition.DrainedAsync();
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(1, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task Malformed_entries_are_dead_lettered_at_once_and_others_are_processed()
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

        var deadLetters = await partition.DeadLettersAsync();
        Assert.All(
            deadLetters, deadLetter => Assert.Equal((DeadLetterReasons.Malformed, 1), (deadLetter.Reason, deadLetter.DeliveryCount)));
        Assert.Equal(
            ["field 'id' is not 16 bytes", "field 'raw' is missing", "field 'version' is not 1", "field 'version' is not 1"],
            deadLetters.Select(deadLetter => deadLetter.ErrorMessage).Order(StringComparer.Ordinal));
        Assert.Equal([1u, 2], script.Runs);

        Task<RedisValue> AddAsync(NameValueEntry[] fields) => partition.Database.StreamAddAsync(partition.Keys.Stream, fields);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(4, true)]
    public async Task An_entry_after_its_last_delivery_is_dead_lettered_without_a_run(int delivered, bool runs)
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "dead", ">"))[0].Id;
        await partition.Database.ExecuteAsync(
            "XCLAIM", partition.Keys.Stream, StreamKeys.Group, "dead", 0, entry, "IDLE", 60_000, "RETRYCOUNT", delivered, "JUSTID");
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(script);
        await partition.DrainedAsync();

        Assert.Equal(runs ? [1u] : [], script.Runs);
        var deadLetters = await partition.DeadLettersAsync();
        if (runs)
            Assert.Empty(deadLetters);
        else
            Assert.Equal((DeadLetterReasons.Abandoned, delivered + 1), (Assert.Single(deadLetters).Reason, deadLetters[0].DeliveryCount));
    }
}
