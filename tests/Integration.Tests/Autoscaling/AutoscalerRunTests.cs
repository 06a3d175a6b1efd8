using System.Collections.Concurrent;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Runs the autoscaler with the deployed ScaledObject, a real backlog, real consumer processes and a slow processor.</summary>
public sealed class AutoscalerRunTests(TestServers servers)
{
    private const int Emails = 5_000;

    [Fact]
    public async Task From_0_to_8_and_back_with_nothing_lost()
    {
        await using var partition = new TestPartition(servers);
        await using var receiver = await SlowReceiver.StartAsync(TimeSpan.FromMilliseconds(300));
        await partition.EnsureGroupAsync();
        var states = new ConcurrentQueue<AutoscalerState>();
        var reports = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var spec = TestScaledObject.Read(partition);
        await using var fleet = new ConsumerFleet(
            new ConsumerCommand(ConsumerSettings.Write(partition, receiver), TimeProvider.System).Start, TimeSpan.FromSeconds(60),
            reports.Enqueue, TimeProvider.System);
        var autoscaler = new Autoscaler(spec, new RedisTriggers(partition.Connection).ReadAsync, TimeProvider.System);
        var loop = new AutoscalerLoop(
            autoscaler, fleet, spec.PollingInterval, TimeSpan.FromSeconds(15) / TestScaledObject.Speed, TimeProvider.System);
        var running = loop.RunAsync(Seen, stop.Token);

        await Eventually.TrueAsync(() => !states.IsEmpty, "the first poll of the triggers");
        Assert.All(states, state => Assert.Equal(0, state.Wanted));
        await Mails.AppendAsync(partition.Partition.Stream, Emails);
        await Eventually.TrueAsync(() => states.Any(state => state.Running == 8), "eight consumers", TimeSpan.FromMinutes(4));
        await Eventually.TrueAsync(() => states.Last() is { Wanted: 0, Running: 0, Stopping: 0 }, "none again", TimeSpan.FromMinutes(5));
        await stop.CancelAsync();
        await running;

        Assert.Equal(Emails, receiver.Emails);
        Assert.Equal(8, states.Max(state => state.Wanted));
        // No consumer ended unexpectedly or had to be killed.
        Assert.Empty(reports);
        var snapshot = await partition.Partition.Inspector.ReadSnapshotAsync(details: true, CancellationToken.None);
        Assert.Equal((0L, 0L, 0L), (snapshot.Lag, snapshot.Pending, snapshot.DeadLetters));
        // A consumer that stops right after a read may stay in the group, without deliveries, until it is reaped.
        Assert.All(snapshot.Consumers, consumer => Assert.Equal(0, consumer.Pending));

        void Seen(AutoscalerState state)
        {
            var before = states.LastOrDefault()?.Wanted ?? 0;
            // Scales to 0 only when nothing is left.
            if (state.Wanted == 0 && before > 0)
            {
                var group = Assert.Single(partition.Database.StreamGroupInfo(partition.Keys.Stream));
                Assert.Equal((0, 0L), (group.PendingMessageCount, group.Lag));
            }

            states.Enqueue(state);
        }
    }

    [Fact]
    public async Task A_killed_consumer_is_replaced_and_its_deliveries_are_reclaimed()
    {
        await using var partition = new TestPartition(servers);
        await using var receiver = await SlowReceiver.StartAsync(TimeSpan.FromMilliseconds(500));
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 100);
        var reports = new ConcurrentQueue<string>();
        await using var fleet = new ConsumerFleet(
            new ConsumerCommand(ConsumerSettings.Write(partition, receiver), TimeProvider.System).Start, TimeSpan.FromSeconds(60),
            reports.Enqueue, TimeProvider.System);
        fleet.Adjust(1);
        var first = Assert.Single(fleet.ProcessIds);
        await Eventually.TrueAsync(() => receiver.Emails > 0, "a first email");
        System.Diagnostics.Process.GetProcessById(first).Kill();

        await Eventually.TrueAsync(
            () =>
            {
                fleet.Adjust(1);
                return receiver.Emails == 100;
            },
            "all emails");
        Assert.NotEqual(first, Assert.Single(fleet.ProcessIds));
        Assert.Contains("ended by itself", Assert.Single(reports), StringComparison.Ordinal);
    }
}
