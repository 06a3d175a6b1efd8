using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Polly.Timeout;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class LeaseTests(TestServers servers)
{
    [Fact]
    public async Task Work_that_outlasts_the_lease_is_renewed_and_settled_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(4);
        // The work takes more than two leases, while another consumer would reclaim at the first chance.
        var script = new ProcessorScript((_, token) => Task.Delay(TimeSpan.FromSeconds(7), TimeProvider.System, token));
        (string, string)[] settings =
            [("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.200"), ("Consumer:Concurrency", "2")];

        await partition.StartConsumerAsync(script, settings);
        await partition.StartConsumerAsync(script, settings);
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, 4), script.Runs);
        Assert.Equal(Mails.UidRange(1, 4), script.Completed);
        Assert.Equal(4, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task A_lost_lease_cancels_the_work_and_writes_nothing()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var cancelled = new TaskCompletionSource();
        var script = new ProcessorScript(async (_, token) =>
        {
            await using var registration = token.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
            // The result comes too late and is ignored.
        });
        var host = await partition.StartConsumerAsync(
            script, ("Consumer:Lease", "00:01:00"), ("Consumer:LeaseRenewal", "00:00:00.200"), ("Consumer:MaxDeliveries", "1"));
        await Eventually.TrueAsync(() => script.Runs.Length == 1, "the email is in work");
        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[0].Id;

        await partition.Database.StreamClaimAsync(partition.Keys.Stream, StreamKeys.Group, "thief", 0, [entry]);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal([$"{entry} thief 2"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(["thief"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(0, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task Work_that_ends_after_its_entry_was_reclaimed_settles_nothing()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var gate = new TaskCompletionSource();
        var script = new ProcessorScript((_, _) => gate.Task);
        // No renewal reports the loss in between.
        var host = await partition.StartConsumerAsync(script, ("Consumer:Lease", "00:10:00"), ("Consumer:LeaseRenewal", "00:05:00"));
        await Eventually.TrueAsync(() => script.Runs.Length == 1, "the email is in work");
        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[0].Id;
        await partition.Database.StreamClaimAsync(partition.Keys.Stream, StreamKeys.Group, "thief", 0, [entry]);

        gate.SetResult();
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1u], script.Completed);
        Assert.Equal([$"{entry} thief 2"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(0, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_processor_that_hangs_and_ignores_cancellation_frees_its_slot(bool blocksItsThread)
    {
        await using var partition = await servers.PartitionWithMailAsync(2);
        using var gate = new SemaphoreSlim(0);
        var script = new ProcessorScript(async (message, _) =>
        {
            if (message.Uid == 1 && blocksItsThread)
                gate.Wait(CancellationToken.None);
            else if (message.Uid == 1)
                await gate.WaitAsync(CancellationToken.None);
        });

        await partition.StartConsumerAsync(
            script,
            ("Consumer:Concurrency", "1"), ("Consumer:MaxDeliveries", "1"), ("Processing:AttemptTimeout", "00:00:00.300"),
            ("Processing:Retries", "0"));
        var deadLetter = await partition.OnlyDeadLetterAsync();
        await partition.DrainedAsync();

        Assert.Equal(
            (1u, DeadLetterReasons.MaxDeliveries, nameof(TimeoutRejectedException)),
            (deadLetter.Uid, deadLetter.Reason, deadLetter.ErrorType));
        Assert.Equal([2u], script.Completed);
        gate.Release();
    }
}
