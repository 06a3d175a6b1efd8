using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests how many writes a primary accepts that its replicas lack.</summary>
public sealed class ReplicaLagTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The second failover comes before the new primary's replica follows it.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 30)]
    public async Task Two_quick_failovers_repeat_nothing_if_a_primary_needs_a_replica(
        bool needsAReplica, int repeats)
    {
        await using var redis =
            await SentinelProcesses.StartAsync(needsAReplica ? SentinelSteps.NeedsAReplica : [], TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await SentinelSteps.StartInStepsAsync(pipeline);
        var first = await redis.KillPrimaryAsync(Cancel);
        await redis.FailedOverAsync(first, Cancel);
        await SentinelSteps.CutReplicasOffAsync(redis);

        await pipeline.ReceiveAsync(30);
        if (needsAReplica)
            await Eventually.TrueAsync(
                async () => (await pipeline.PollAsync()).Error?.Contains("NOREPLICAS", StringComparison.Ordinal) == true,
                "it takes nothing");
        else
            await SentinelSteps.TakeWritesWithoutReplicasAsync(pipeline);
        await SentinelSteps.LosePrimaryAsync(redis);
        await first.RestartAsync(Cancel);

        await Eventually.TrueAsync(async () => await pipeline.PollAsync() is { End: PollEnd.Complete, Appended: 30 }, "it is read");
        await pipeline.AccountAsync();
        Assert.Equal((50 + repeats, repeats), (pipeline.Runs, pipeline.Repeats));
    }

    /// <summary>
    /// Redis counts a hanging replica as missing only after min-replicas-max-lag without an acknowledgement, and checks that once a second.
    /// </summary>
    [Fact]
    public async Task Min_replicas_max_lag_bounds_the_writes_that_replicas_lack()
    {
        await using var redis = await SentinelProcesses.StartAsync(SentinelSteps.NeedsAReplica, TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await SentinelSteps.StartInStepsAsync(pipeline);
        var primary = await redis.PrimaryAsync(Cancel);
        foreach (var replica in redis.Nodes.Where(node => node != primary))
            replica.Pause();

        var hung = TimeProvider.System.GetTimestamp();
        var (asked, taken) = (TimeSpan.Zero, TimeSpan.Zero);
        PollResult poll;
        while (true)
        {
            await pipeline.ReceiveAsync(1);
            asked = TimeProvider.System.GetElapsedTime(hung);
            poll = await pipeline.PollAsync();
            if (poll.End != PollEnd.Complete)
                break;
            taken = asked;
        }

        Assert.Contains("NOREPLICAS", poll.Error, StringComparison.Ordinal);
        // Both times are in whole seconds, and a busy machine delays the check.
        Assert.InRange(taken, TimeSpan.FromTicks(1), SentinelSteps.MaxLag + TimeSpan.FromSeconds(10));
        var processed = pipeline.Processed(0) - 20;
        // Data on its way to the replicas is lost with the primary. The primary may have dropped them after repl-timeout.
        Assert.InRange(int.Parse(await primary.AskAsync(Cancel, "CLIENT", "KILL", "TYPE", "REPLICA"), CultureInfo.InvariantCulture), 0, 2);
        await SentinelSteps.LosePrimaryAsync(redis);

        await Eventually.TrueAsync(async () => await pipeline.PollAsync() is { End: PollEnd.Complete }, "it is read");
        await pipeline.AccountAsync();
        Assert.InRange(pipeline.Repeats, 0, processed);
    }
}
