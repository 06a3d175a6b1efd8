using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>How much a primary can take that its replicas do not have.</summary>
public sealed class ReplicaLagTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The second failover comes while the new primary's replica does not follow it yet.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 30)]
    public async Task Two_failovers_before_the_replicas_are_in_sync_repeat_nothing_where_a_primary_needs_a_replica(bool needsAReplica, int repeats)
    {
        await using var redis = await SentinelProcesses.StartAsync(needsAReplica ? SentinelSteps.NeedsAReplica : [], TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await SentinelSteps.StartInStepsAsync(pipeline);
        var first = await redis.KillPrimaryAsync(Cancel);
        await redis.FailedOverAsync(first, Cancel);
        await SentinelSteps.CutReplicasOffAsync(redis);

        await pipeline.ReceiveAsync(30);
        if (needsAReplica)
            await Eventually.TrueAsync(async () => (await pipeline.PollAsync()).Error?.Contains("NOREPLICAS", StringComparison.Ordinal) == true, "it takes nothing");
        else
            await SentinelSteps.TakenAloneAsync(pipeline);
        await SentinelSteps.LosePrimaryAsync(redis);
        await first.RestartAsync(Cancel);

        await Eventually.TrueAsync(async () => await pipeline.PollAsync() is { End: PollEnd.Complete, Appended: 30 }, "it is read");
        await pipeline.AccountAsync();
        Assert.Equal((50 + repeats, repeats), (pipeline.Runs, pipeline.Repeats));
    }

    /// <summary>Replicas that hang are missed only when they have acknowledged nothing for min-replicas-max-lag, which Redis looks at once a second.</summary>
    [Fact]
    public async Task What_a_primary_takes_after_its_replicas_hang_is_bounded_by_min_replicas_max_lag()
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
        Assert.InRange(taken, TimeSpan.FromTicks(1), SentinelSteps.MaxLag + TimeSpan.FromSeconds(2));
        var processed = pipeline.Processed(0) - 20;
        // What was on its way to the replicas is lost with the primary. It may have given them up by itself, after repl-timeout.
        Assert.InRange(int.Parse(await primary.AskAsync(Cancel, "CLIENT", "KILL", "TYPE", "REPLICA"), CultureInfo.InvariantCulture), 0, 2);
        await SentinelSteps.LosePrimaryAsync(redis);

        await Eventually.TrueAsync(async () => await pipeline.PollAsync() is { End: PollEnd.Complete }, "it is read");
        await pipeline.AccountAsync();
        Assert.InRange(pipeline.Repeats, 0, processed);
    }
}
