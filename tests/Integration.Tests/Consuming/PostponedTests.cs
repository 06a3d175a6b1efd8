using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests a dependency that requests a longer wait than a slot may be occupied.</summary>
public sealed class PostponedTests(TestServers servers)
{
    private static readonly (string, string)[] Settings =
        [("Consumer:MaxDeliveries", "1"), ("Consumer:Concurrency", "10"), ("Processing:BreakerMinimumThroughput", "10000")];

    [Fact]
    public async Task Emails_that_wait_ten_minutes_use_no_slot_and_no_delivery()
    {
        await using var partition = await servers.PartitionWithMailAsync(60);
        var script = new ProcessorScript((message, _) =>
            message.Uid <= 20 ? throw new TransientFailureException("Throttled.", TimeSpan.FromMinutes(10)) : Task.CompletedTask);

        await partition.StartConsumerAsync(script, Settings);
        await Eventually.TrueAsync(() => script.Completed.Length == 40, "the others are processed");
        await Eventually.TrueAsync(
            async () => (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)) is { Length: 20 } pending
                && pending.All(line => line.EndsWith(" (retry) 0", StringComparison.Ordinal)),
            "the twenty wait, uncounted");

        Assert.Equal(Mails.UidRange(1, 60), script.Runs);
        Assert.Equal(20, await partition.Database.HashLengthAsync(partition.Keys.Postponed));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task After_the_wait_they_are_processed_and_the_postponement_is_deleted()
    {
        await using var partition = await servers.PartitionWithMailAsync(5);
        var throttled = true;
        var script = new ProcessorScript(
            (_, _) => throttled ? throw new TransientFailureException("Throttled.", TimeSpan.FromMinutes(10)) : Task.CompletedTask);

        // The wait is capped at one second, less than the lease, and occurs at least three times.
        await partition.StartConsumerAsync(script, [.. Settings, ("Processing:MaxRetryAfter", "00:00:01"), ("Consumer:Lease", "00:00:05")]);
        await Eventually.TrueAsync(() => script.Runs.Length >= 15, "each has been postponed three times");
        throttled = false;
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, 5), script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Postponed));
    }

    [Fact]
    public async Task An_email_postponed_for_a_day_is_counted_and_then_dead_lettered()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[0].Id;
        var first = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        await partition.Database.HashSetAsync(partition.Keys.Postponed, entry, $"{first} {first}");
        var script = new ProcessorScript((_, _) => throw new TransientFailureException("Throttled.", TimeSpan.FromMinutes(10)));

        await partition.StartConsumerAsync(
            script,
            [.. Settings, ("Consumer:MaxDeliveries", "2"), ("Processing:MaxRetryAfter", "00:00:01"), ("Consumer:Lease", "00:00:02")]);
        var deadLetter = await partition.OnlyDeadLetterAsync();

        Assert.Equal(("max-deliveries", "Throttled.", 2), (deadLetter.Reason, deadLetter.ErrorMessage, script.Runs.Length));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Postponed));
    }
}
