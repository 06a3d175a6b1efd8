using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests clocks that are wrong, or that are set during the work.</summary>
public sealed class ClockTests(TestServers servers)
{
    [Theory]
    [InlineData(23)]
    [InlineData(-23)]
    public async Task Processed_IDs_of_a_consumer_with_a_wrong_clock_are_known_to_others(int hours)
    {
        await using var partition = await servers.PartitionWithMailAsync(30);
        var script = new ProcessorScript(Consumers.Completes);
        var wrong = await StartAsync(partition, script, new ShiftedTime { Shift = TimeSpan.FromHours(hours) });
        await Eventually.TrueAsync(() => script.Completed.Length == 30, "all are done");
        await partition.DrainedAsync();
        await wrong.StopAsync(TestContext.Current.CancellationToken);

        // All entries are delivered again, as after a failover that lost the acknowledgements.
        var cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        await partition.Partition.Stream.Mailboxes.StartEpochAsync(Mails.Mailbox, cursor, Mails.UidValidity, 0, CancellationToken.None);
        cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, Mails.Items(1, 30), TimeSpan.Zero, CancellationToken.None);
        await StartAsync(partition, script, new ShiftedTime());
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, 30), script.Runs);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public async Task A_clock_that_is_set_during_the_work_loses_no_lease(int hours)
    {
        await using var partition = await servers.PartitionWithMailAsync(20);
        var time = new ShiftedTime();
        using var gate = new SemaphoreSlim(0);
        var script = new ProcessorScript((_, token) => gate.WaitAsync(token));
        await StartAsync(partition, script, time);
        await StartAsync(partition, script, time);
        await Eventually.TrueAsync(() => script.Runs.Length == 20, "all are in work");

        time.Shift = TimeSpan.FromHours(hours);
        // Longer than a lease.
        await Task.Delay(TimeSpan.FromSeconds(3.5), TimeProvider.System, TestContext.Current.CancellationToken);
        gate.Release(20);
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, 20), script.Runs);
        Assert.Equal(Mails.UidRange(1, 20), script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    private static Task<WebApplication> StartAsync(TestPartition partition, ProcessorScript script, TimeProvider time)
    {
        var settings = partition.Settings();
        settings["Polling:Enabled"] = "false";
        settings["Processing:Processor"] = ScriptedProcessor.Name;
        settings["Consumer:Lease"] = "00:00:03";
        settings["Consumer:LeaseRenewal"] = "00:00:00.200";
        return partition.StartHostAsync(
            settings,
            services => services.AddSingleton(time).AddSingleton(script).AddEmailProcessor<ScriptedProcessor>(ScriptedProcessor.Name));
    }
}
