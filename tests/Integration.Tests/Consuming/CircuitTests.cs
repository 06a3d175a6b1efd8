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
    // Only one delivery is allowed, so a delivery that is counted wrongly would dead-letter its email.
    private static readonly (string, string)[] Settings =
    [
        ("Consumer:MaxDeliveries", "1"), ("Consumer:Concurrency", "1"), ("Processing:Retries", "2"),
        ("Processing:BreakerMinimumThroughput", "2"),
        ("Processing:BreakDuration", "00:00:00.500"), ("Consumer:Lease", "00:00:20"), ("Consumer:LeaseRenewal", "00:00:00.200"),
    ];

    [Fact]
    public async Task An_outage_stops_reading_counts_no_delivery_and_recovers_by_itself()
    {
        await using var partition = await servers.PartitionWithMailAsync(30);
        var down = true;
        var script = new ProcessorScript(
            (_, _) => down ? throw new TransientFailureException("The dependency is away.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script, Settings);
        // Two attempts open the circuit. Each further attempt is a probe.
        await Eventually.TrueAsync(() => script.Runs.Length >= 4, "the circuit was probed twice");

        // Each probe is one attempt, and one more may start beside it.
        var pending = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
        Assert.InRange(pending.Length, 1, 10);
        Assert.Equal(30, await partition.Database.StreamLengthAsync(partition.Keys.Stream));

        down = false;
        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 30), script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task While_one_email_probes_the_circuit_no_other_is_read()
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
        var circuit = host.Services.GetRequiredService<Circuits>().All[0];
        await Eventually.TrueAsync(
            async () => circuit.IsOpen && (await PendingAsync()).All(pending => pending.DeliveryCount == 0),
            "the circuit is open and all deliveries are released");

        down = false;
        await Eventually.TrueAsync(() => circuit.State == CircuitState.HalfOpen && trying > 0, "an email probes the circuit");
        // The lease of the running email is renewed twice, which is enough time to read all the others.
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

        // Counts only the running email. Released deliveries are idle for a whole lease.
        async Task<long> IdleAsync() =>
            (await PendingAsync()).Where(pending => pending.DeliveryCount > 0).Min(pending => (long?)pending.IdleTimeInMilliseconds) ?? 0;
    }

    [Fact]
    public async Task The_circuit_is_probed_although_every_slot_has_hanging_work()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new ProcessorScript((message, _) => message.Uid <= 2 ? gate.Task : Task.CompletedTask);
        var host = await partition.StartConsumerAsync(
            script, ("Consumer:Concurrency", "2"), ("Consumer:Lease", "00:00:20"), ("Processing:AttemptTimeout", "00:10:00"));
        var circuit = host.Services.GetRequiredService<Circuits>().All[0];
        await Eventually.TrueAsync(() => script.Runs.Length == 2, "two emails hang");

        circuit.Opened(TimeSpan.FromMilliseconds(100));
        await Eventually.TrueAsync(() => script.Completed.Length == 1, "a third probes the circuit");
        Assert.Equal([3u], script.Completed);

        circuit.Closed();
        gate.SetResult();
        await partition.DrainedAsync();
    }

    [Fact]
    public async Task Failures_after_the_circuit_has_closed_count_and_dead_letter_the_email()
    {
        const int failing = 10;
        await using var partition = await servers.PartitionWithMailAsync(failing);
        // The first ten fail like a failing dependency and open the circuit each time together, so that no failure counts while it is
        // closed.
        var script = new ProcessorScript(
            (message, _) => message.Uid <= failing ? throw new TransientFailureException("Always.") : Task.CompletedTask);

        await partition.StartConsumerAsync(
            script,
            ("Consumer:MaxDeliveries", "2"), ("Consumer:Lease", "00:00:10"), ("Consumer:LeaseRenewal", "00:00:01"),
            ("Processing:Retries", "2"), ("Processing:BreakerMinimumThroughput", "10"), ("Processing:BreakDuration", "00:00:00.500"));
        // Other emails arrive and are processed all the time, so the fault is in these ten, not in the dependency.
        uint count = failing;
        await Eventually.TrueAsync(
            async () =>
            {
                await Mails.AppendAsync(partition.Partition.Stream, (int)(count += 2));
                return (await partition.DeadLettersAsync()).Count == failing;
            },
            "all ten are dead letters");
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(failing + 1, count), script.Completed);
        var deadLetters = await partition.DeadLettersAsync();
        Assert.Equal(Mails.UidRange(1, failing), deadLetters.Select(deadLetter => deadLetter.Uid!.Value).Order());
        Assert.All(deadLetters, deadLetter => Assert.Equal(
            (DeadLetterReasons.MaxDeliveries, nameof(TransientFailureException), "Always."),
            (deadLetter.Reason, deadLetter.ErrorType, deadLetter.ErrorMessage)));
    }
}
