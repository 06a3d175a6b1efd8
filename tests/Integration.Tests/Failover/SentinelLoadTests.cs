using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests a poller and consumers on a Redis with Sentinels while its primary fails. No process is restarted.</summary>
public sealed class SentinelLoadTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_primary_killed_under_load_that_returns_as_a_replica_loses_no_mail()
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
        // The former primary acts as the primary until the Sentinels reconfigure it after about ten seconds. A write to it would be lost.
        await former.RestartAsync(Cancel);
        await pipeline.ReceiveAsync(300);
        await redis.InSyncAsync(Cancel);

        await pipeline.AccountAsync();
        await AssertRepeatsAsync(pipeline, redis);
    }

    [Fact]
    public async Task A_primary_that_hangs_until_after_the_failover_loses_no_mail()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await pipeline.ReceiveAsync(600);
        await pipeline.StartAsync(consumers: 2, delayMs: 20);
        await pipeline.ProcessedAsync(100);

        var former = await redis.PausePrimaryAsync(Cancel);
        await pipeline.ReceiveAsync(300);
        await redis.FailedOverAsync(former, Cancel);
        // The primary still hangs.
        await pipeline.ProcessedAsync(700);
        former.Resume();
        await redis.InSyncAsync(Cancel);

        await pipeline.AccountAsync();
        await AssertRepeatsAsync(pipeline, redis);
    }

    // Each email in work may repeat once, and so may each settle that had not reached a replica. On a very busy machine the Sentinels may
    // also replace the new primary before its replicas have its data. Then more repeats, and only the account is checked.
    private static async Task AssertRepeatsAsync(FailoverPipeline pipeline, SentinelProcesses redis)
    {
        var failovers = await redis.FailoversAsync(Cancel);
        Assert.True(pipeline.Repeats <= 2 * pipeline.InWork || failovers > 1, $"{pipeline.Repeats} repeats after {failovers} failovers.");
    }
}
