using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests processors that continue after their timeout.</summary>
public sealed class AbandonedTests(TestServers servers)
{
    private static readonly (string, string)[] Settings =
    [
        ("Consumer:MaxDeliveries", "1"), ("Consumer:Concurrency", "4"), ("Processing:AttemptTimeout", "00:00:00.300"),
        ("Processing:Retries", "0"),
        ("Processing:BreakerMinimumThroughput", "10000"), ("Consumer:Lease", "00:01:00"),
    ];

    [Fact]
    public async Task A_processor_that_spins_and_ignores_cancellation_blocks_no_other_email()
    {
        await using var partition = await servers.PartitionWithMailAsync(40);
        // One for each slot, each on its own thread, and far more than there are CPUs.
        const int spinning = 10;
        var spin = true;
        var script = new ProcessorScript((message, _) =>
        {
            while (message.Uid <= spinning && Volatile.Read(ref spin))
                Thread.SpinWait(1_000);
            return Task.CompletedTask;
        });

        try
        {
            await partition.StartConsumerAsync(script, [.. Settings, ("Consumer:Concurrency", "10")]);
            await partition.DrainedAsync();
            Assert.Equal(Mails.UidRange(spinning + 1, 40), script.Completed);
        }
        finally
        {
            Volatile.Write(ref spin, false);
        }

        var deadLetters = await partition.DeadLettersAsync();
        Assert.Equal(Mails.UidRange(1, spinning), deadLetters.Select(deadLetter => deadLetter.Uid!.Value).Order());
        Assert.All(deadLetters, deadLetter => Assert.Equal(DeadLetterReasons.MaxDeliveries, deadLetter.Reason));
        // No lease was lost, so each ran once.
        Assert.Equal(Mails.UidRange(1, 40), script.Runs);
    }

    [Fact]
    public async Task At_the_limit_of_abandoned_runs_nothing_is_read_until_some_end()
    {
        await using var partition = await servers.PartitionWithMailAsync(4);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new ProcessorScript((message, _) => message.Uid <= 4 ? gate.Task : Task.CompletedTask);

        var host = await partition.StartConsumerAsync(script, [.. Settings, ("Processing:MaxAbandoned", "3")]);
        var abandoned = host.Services.GetRequiredService<AbandonedRuns>();
        await Eventually.TrueAsync(() => abandoned.Problem is not null, "four runs go on");
        await Eventually.TrueAsync(() => !abandoned.MayRead(), "the process may not read");
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        // A read that was running when the fourth was abandoned may still deliver new emails.
        await Eventually.TrueAsync(
            async () => await LagAsync(partition) is var lag && lag == await LagAfterAPassAsync(partition), "nothing more is read");
        var waiting = await LagAsync(partition);
        Assert.NotEqual(0, waiting);

        gate.SetResult();
        await partition.DrainedAsync();
        Assert.Null(abandoned.Problem);
        Assert.Equal(Mails.UidRange(1, 10), script.Completed);
    }

    private static async Task<long?> LagAsync(TestPartition partition) =>
        (await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream)).Single().Lag;

    private static async Task<long?> LagAfterAPassAsync(TestPartition partition)
    {
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        return await LagAsync(partition);
    }
}
