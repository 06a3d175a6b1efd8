using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Poller and consumers at work on a Redis with Sentinels, through what happens to its primary. None of them is restarted.</summary>
public sealed class SentinelLoadTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_primary_that_is_killed_under_load_and_comes_back_as_a_replica_costs_no_mail()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await pipeline.ReceiveAsync(600);
        await pipeline.StartAsync(consumers: 2, delayMs: 20);
        await pipeline.ProcessedAsync(100);

        var former = await redis.KillPrimaryAsync(Cancel);
        await pipeline.ReceiveAsync(300);
        await redis.FailedOverAsync(former, Cancel);
        await pipeline.ProcessedAsync(700);
        // It takes itself for the primary until the Sentinels tell it otherwise, some ten seconds: whoever wrote there would lose it.
        await former.RestartAsync(Cancel);
        await pipeline.ReceiveAsync(300);
        await redis.InSyncAsync(Cancel);

        await pipeline.AccountAsync();
        await AssertRepeatsAsync(pipeline, redis);
    }

    [Fact]
    public async Task A_primary_that_hangs_and_wakes_up_after_the_failover_costs_no_mail()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await pipeline.ReceiveAsync(600);
        await pipeline.StartAsync(consumers: 2, delayMs: 20);
        await pipeline.ProcessedAsync(100);

        var former = await redis.PausePrimaryAsync(Cancel);
        await pipeline.ReceiveAsync(300);
        await redis.FailedOverAsync(former, Cancel);
        // While it still hangs.
        await pipeline.ProcessedAsync(700);
        former.Resume();
        await redis.InSyncAsync(Cancel);

        await pipeline.AccountAsync();
        await AssertRepeatsAsync(pipeline, redis);
    }

    // Once for each that was in work, and for what was settled and had not reached a replica. A machine so busy that the new primary was taken
    // for dead as well, before its replicas had its data, goes back further: then only the account holds.
    private static async Task AssertRepeatsAsync(FailoverPipeline pipeline, SentinelProcesses redis)
    {
        var failovers = await redis.FailoversAsync(Cancel);
        Assert.True(pipeline.Repeats <= 2 * pipeline.InWork || failovers > 1, $"{pipeline.Repeats} repeats after {failovers} failovers.");
    }
}
