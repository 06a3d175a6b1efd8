using EmailIngestion.Health;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams.Control;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operating;

/// <summary>Pauses the consumers of a partition at run time.</summary>
public sealed class PausedConsumerTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_process_stops_reading_and_continues_after_the_pause()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        using var consumer = ConsumerProcess.Start(partition, "other", ("Consumer:BlockTimeout", "00:00:05"));
        await Mails.AppendAsync(partition.Partition.Stream, 5);
        await partition.DrainedAsync();

        await PauseAsync(partition);
        // The read that blocks at that moment may still get entries; none of them is run.
        await NoticedAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 25);
        await StaysAsync(async () => await Consumers.ProcessedAsync(partition.Database, partition.Keys) == 5);
        Assert.False(consumer.HasExited);

        await ResumeAsync(partition);
        await partition.DrainedAsync();
        Assert.Equal(25, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Equal(0, await partition.Database.StreamLengthAsync(partition.Keys.DeadLetters));
    }

    [Fact]
    public async Task A_consumer_that_starts_during_a_pause_reads_nothing()
    {
        await using var partition = await servers.PartitionWithMailAsync(5);
        await PauseAsync(partition);
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(script);
        await StaysAsync(() => Task.FromResult(script.Runs.Length == 0));
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));

        await ResumeAsync(partition);
        await partition.DrainedAsync();
        Assert.Equal(5, script.Completed.Length);
    }

    [Fact]
    public async Task Emails_in_work_end_normally_and_their_leases_are_renewed()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        using var gate = new SemaphoreSlim(0);
        var script = new ProcessorScript((_, token) => gate.WaitAsync(token));
        await partition.StartConsumerAsync(script);
        await Eventually.TrueAsync(() => script.Runs.Length == 3, "three are in work");
        await PauseAsync(partition);
        // Longer than the lease.
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, Cancel);
        Assert.Equal(3, (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length);
        gate.Release(3);
        await Eventually.TrueAsync(
            async () => await Consumers.ProcessedAsync(partition.Database, partition.Keys) == 3, "three are settled during the pause");
        Assert.Equal(3, script.Runs.Length);
    }

    [Fact]
    public async Task A_paused_consumer_with_waiting_emails_is_not_stuck()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        var script = new ProcessorScript(Consumers.Completes);
        var host = await partition.StartConsumerAsync(script);
        await PauseAsync(partition);
        await NoticedAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        var heartbeats = host.Services.GetRequiredService<Heartbeats>();
        await StaysAsync(() => Task.FromResult(heartbeats.Failing().Count == 0 && heartbeats.Silent().Count == 0));
    }

    [Fact]
    public async Task A_crash_during_the_pause_loses_nothing_and_the_pause_stays()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        using var doomed = ConsumerProcess.Start(partition, "doomed");
        await Mails.AppendAsync(partition.Partition.Stream, 200);
        await Eventually.TrueAsync(
            async () => await Consumers.ProcessedAsync(partition.Database, partition.Keys) > 0, "it is at work");
        await PauseAsync(partition);
        doomed.Kill();
        using var heir = ConsumerProcess.Start(partition, "heir");
        await Eventually.TrueAsync(
            async () => (await partition.Database.StreamConsumerInfoAsync(partition.Keys.Stream, EmailIngestion.Streams.StreamKeys.Group))
                .Any(one => one.Name.StartsWith("heir", StringComparison.Ordinal)),
            "the heir has registered");
        var before = await Consumers.ProcessedAsync(partition.Database, partition.Keys);
        await StaysAsync(async () => await Consumers.ProcessedAsync(partition.Database, partition.Keys) == before);

        await ResumeAsync(partition);
        await partition.DrainedAsync();
        Assert.Equal(200, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Equal(200, Directory.GetFiles(partition.Archive, "*.json", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task A_pause_of_one_partition_does_not_stop_another_of_the_process()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var second = await servers.PartitionWithMailAsync(0);
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(script, ("Streams:Partitions:1", second.Name));
        await PauseAsync(partition);
        await NoticedAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        await Mails.AppendAsync(second.Partition.Stream, 3);
        await second.DrainedAsync();
        Assert.Equal([1u, 2, 3], script.Completed);
        Assert.Equal(1, await partition.Database.StreamLengthAsync(partition.Keys.Stream));
    }

    [Fact]
    public async Task Without_redis_the_last_known_state_holds()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        var control = partition.Partition.Control;
        await control.PauseAsync(ControlState.ConsumersField, "test", null, Cancel);
        await partition.Database.KeyDeleteAsync(partition.Keys.Control);
        await partition.Database.StringSetAsync(partition.Keys.Control, "refused");
        await Assert.ThrowsAnyAsync<RedisException>(() => control.ReadAsync(Cancel));
        Assert.NotNull(control.Current.ConsumersPause);
    }

    private static Task PauseAsync(TestPartition partition) =>
        partition.Partition.Control.PauseAsync(ControlState.ConsumersField, "test", "Test", Cancel);

    private static Task<bool> ResumeAsync(TestPartition partition) =>
        partition.Partition.Control.ResumeAsync(ControlState.ConsumersField, "test", Cancel);

    // Twice the time that is promised.
    private static Task NoticedAsync() => Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, Cancel);

    private static async Task StaysAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.True(await condition());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }
}
