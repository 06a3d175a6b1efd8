using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operating;

/// <summary>Changes the concurrency of running consumers.</summary>
public sealed class ConcurrencyTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_slots_are_used_at_once_and_fewer_end_no_run()
    {
        await using var partition = await servers.PartitionWithMailAsync(60);
        using var gate = new SemaphoreSlim(0);
        var running = 0;
        var script = new ProcessorScript(async (_, token) =>
        {
            Interlocked.Increment(ref running);
            await gate.WaitAsync(token);
            Interlocked.Decrement(ref running);
        });
        await partition.StartConsumerAsync(script, ("Consumer:Concurrency", "4"));
        await RunningAsync(4);
        await SetAsync(partition, 20);
        await RunningAsync(20);

        await SetAsync(partition, 2);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancel);
        Assert.Equal(20, Volatile.Read(ref running));
        gate.Release(18);
        await RunningAsync(2);
        // Each that ends makes room for one.
        for (var i = 0; i < 5; i++)
        {
            gate.Release(1);
            await Eventually.TrueAsync(() => script.Runs.Length == 21 + i, "one more runs");
            Assert.InRange(Volatile.Read(ref running), 1, 2);
        }

        await SetAsync(partition, null);
        await RunningAsync(4);
        gate.Release(100);
        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 60), script.Completed);
        Assert.Equal(60, script.Runs.Length);

        Task RunningAsync(int count) => Eventually.TrueAsync(() => Volatile.Read(ref running) == count, $"{count} run");
    }

    [Fact]
    public async Task Up_and_down_under_load_nothing_is_lost_or_run_twice()
    {
        await using var partition = await servers.PartitionWithMailAsync(3_000);
        var script = new ProcessorScript(
            async (message, token) => await Task.Delay(TimeSpan.FromMilliseconds(message.Uid % 7), TimeProvider.System, token));
        await partition.StartConsumerAsync(script, ("Consumer:Concurrency", "10"));
        var random = new Random(7);
        while (script.Completed.Length < 2_500)
        {
            await SetAsync(partition, random.Next(3) == 0 ? null : random.Next(1, 60));
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancel);
        }

        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 3_000), script.Runs);
    }

    [Fact]
    public async Task A_consumer_that_starts_later_uses_it_too()
    {
        await using var partition = await servers.PartitionWithMailAsync(10);
        await SetAsync(partition, 3);
        using var gate = new SemaphoreSlim(0);
        var script = new ProcessorScript((_, token) => gate.WaitAsync(token));
        await partition.StartConsumerAsync(script, ("Consumer:Concurrency", "10"));
        await Eventually.TrueAsync(() => script.Runs.Length == 3, "three run");
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancel);
        Assert.Equal(3, script.Runs.Length);
        gate.Release(100);
        await partition.DrainedAsync();
    }

    private static Task SetAsync(TestPartition partition, int? concurrency) =>
        partition.Partition.Control.SetConcurrencyAsync(concurrency, "test", Cancel);
}
