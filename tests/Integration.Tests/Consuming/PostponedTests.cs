using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>A dependency that asks for more time than a slot is held for.</summary>
public sealed class PostponedTests(TestServers servers)
{
    private static readonly (string, string)[] Settings =
        [("Consumer:MaxDeliveries", "1"), ("Consumer:Concurrency", "10"), ("Processing:BreakerMinimumThroughput", "10000")];

    [Fact]
    public async Task Emails_that_wait_ten_minutes_hold_no_slot_and_burn_no_delivery()
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
    public async Task After_the_time_they_are_processed_and_nothing_is_left_of_the_wait()
    {
        await using var partition = await servers.PartitionWithMailAsync(5);
        var throttled = true;
        var script = new ProcessorScript((_, _) => throttled ? throw new TransientFailureException("Throttled.", TimeSpan.FromMinutes(10)) : Task.CompletedTask);

        // Capped at one second, less than the lease; three times at least.
        await partition.StartConsumerAsync(script, [.. Settings, ("Processing:MaxRetryAfter", "00:00:01"), ("Consumer:Lease", "00:00:05")]);
        await Eventually.TrueAsync(() => script.Runs.Length >= 15, "each has been postponed three times");
        throttled = false;
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, 5), script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Postponed));
    }

    [Fact]
    public async Task One_that_is_postponed_for_a_day_is_counted_and_dead_lettered_at_last()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[0].Id;
        var first = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        await partition.Database.HashSetAsync(partition.Keys.Postponed, entry, $"{first} {first}");
        var script = new ProcessorScript((_, _) => throw new TransientFailureException("Throttled.", TimeSpan.FromMinutes(10)));

        await partition.StartConsumerAsync(
            script, [.. Settings, ("Consumer:MaxDeliveries", "2"), ("Processing:MaxRetryAfter", "00:00:01"), ("Consumer:Lease", "00:00:02")]);
        var letter = await partition.OnlyDeadLetterAsync();

        Assert.Equal(("max-deliveries", "Throttled.", 2), (letter.Reason, letter.ErrorMessage, script.Runs.Length));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Postponed));
    }
}
