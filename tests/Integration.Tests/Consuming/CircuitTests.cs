using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class CircuitTests(TestServers servers)
{
    // One delivery and no more: any that were burnt would bury its email.
    private static readonly (string, string)[] Settings =
    [
        ("Consumer:MaxDeliveries", "1"), ("Consumer:Concurrency", "1"), ("Processing:Retries", "2"), ("Processing:BreakerMinimumThroughput", "2"),
        ("Processing:BreakDuration", "00:00:00.500"), ("Consumer:Lease", "00:00:20"), ("Consumer:LeaseRenewal", "00:00:00.200"),
    ];

    [Fact]
    public async Task An_outage_of_the_dependency_stops_reading_burns_no_delivery_and_heals_by_itself()
    {
        await using var partition = await servers.PartitionWithMailAsync(30);
        var down = true;
        var script = new ProcessorScript((_, _) => down ? throw new TransientFailureException("The dependency is away.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script, Settings);
        // Two attempts open it; each further one tries whether it has healed.
        await Eventually.TrueAsync(() => script.Runs.Length >= 4, "the circuit has been tried twice");

        // Of the probes: one each, and one that may slip in beside it.
        var pending = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
        Assert.InRange(pending.Length, 1, 10);
        Assert.Equal(30, await partition.Database.StreamLengthAsync(partition.Keys.Stream));

        down = false;
        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 30), script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task While_one_email_tries_the_circuit_no_other_is_read()
    {
        await using var partition = await servers.PartitionWithMailAsync(200);
        using var gate = new SemaphoreSlim(0);
        var down = true;
        var trying = 0;
        var script = new ProcessorScript(async (_, token) =>
        {
            if (down)
                throw new TransientFailureException("The dependency is away.");
            Interlocked.Increment(ref trying);
            await gate.WaitAsync(token);
        });
        var host = await partition.StartConsumerAsync(script, [.. Settings, ("Consumer:Concurrency", "10")]);
        var circuit = host.Services.GetRequiredService<Circuit>();
        await Eventually.TrueAsync(
            async () => circuit.IsOpen && (await PendingAsync()).All(pending => pending.DeliveryCount == 0), "the circuit is open and all is given back");

        down = false;
        await Eventually.TrueAsync(() => circuit.State == CircuitState.HalfOpen && trying > 0, "an email tries the circuit");
        // Time enough to read all the rest: the lease of the one that runs is renewed twice.
        for (var renewal = 0; renewal < 2; renewal++)
        {
            await Eventually.TrueAsync(async () => await IdleAsync() > 100, "the lease grows old");
            await Eventually.TrueAsync(async () => await IdleAsync() < 100, "the lease is renewed");
        }

        Assert.Equal(1, trying);
        Assert.InRange((await PendingAsync()).Length, 1, 40);

        gate.Release(1_000);
        await partition.DrainedAsync();
        Assert.Empty(await partition.DeadLettersAsync());

        Task<StreamPendingMessageInfo[]> PendingAsync() =>
            partition.Database.StreamPendingMessagesAsync(partition.Keys.Stream, StreamKeys.Group, 1_000, RedisValue.Null);

        // Of the one that runs: those given back count as idle for a whole lease.
        async Task<long> IdleAsync() =>
            (await PendingAsync()).Where(pending => pending.DeliveryCount > 0).Min(pending => (long?)pending.IdleTimeInMilliseconds) ?? 0;
    }

    [Fact]
    public async Task With_hanging_work_in_every_slot_the_circuit_is_tried_all_the_same()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new ProcessorScript((message, _) => message.Uid <= 2 ? gate.Task : Task.CompletedTask);
        var host = await partition.StartConsumerAsync(script, ("Consumer:Concurrency", "2"), ("Consumer:Lease", "00:00:20"), ("Processing:AttemptTimeout", "00:10:00"));
        var circuit = host.Services.GetRequiredService<Circuit>();
        await Eventually.TrueAsync(() => script.Runs.Length == 2, "two emails hang");

        circuit.Opened(TimeSpan.FromMilliseconds(100));
        await Eventually.TrueAsync(() => script.Completed.Length == 1, "a third tries the circuit");
        Assert.Equal([3u], script.Completed);

        circuit.Closed();
        gate.SetResult();
        await partition.DrainedAsync();
    }

    [Fact]
    public async Task An_email_that_fails_again_after_the_circuit_was_closed_is_counted_and_buried_at_last()
    {
        const int failing = 10;
        await using var partition = await servers.PartitionWithMailAsync(failing);
        // The first ten fail as if the dependency did, and between them they open the circuit each time: no failure is seen while it is closed.
        var script = new ProcessorScript((message, _) => message.Uid <= failing ? throw new TransientFailureException("Always.") : Task.CompletedTask);

        await partition.StartConsumerAsync(
            script,
            ("Consumer:MaxDeliveries", "2"), ("Consumer:Lease", "00:00:01"), ("Consumer:LeaseRenewal", "00:00:00.200"),
            ("Processing:Retries", "2"), ("Processing:BreakerMinimumThroughput", "10"), ("Processing:BreakDuration", "00:00:00.500"));
        // Others come all the time and are processed: it is these ten, not the dependency.
        uint count = failing;
        await Eventually.TrueAsync(
            async () =>
            {
                await Mails.AppendAsync(partition.Partition.Stream, (int)(count += 2));
                return (await partition.DeadLettersAsync()).Count == failing;
            },
            "all ten are dead letters",
            TimeSpan.FromSeconds(90));
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(failing + 1, count), script.Completed);
        var letters = await partition.DeadLettersAsync();
        Assert.Equal(Mails.UidRange(1, failing), letters.Select(letter => letter.Uid!.Value).Order());
        Assert.All(letters, letter => Assert.Equal(
            (DeadLetterReasons.MaxDeliveries, nameof(TransientFailureException), "Always."), (letter.Reason, letter.ErrorType, letter.ErrorMessage)));
    }
}
