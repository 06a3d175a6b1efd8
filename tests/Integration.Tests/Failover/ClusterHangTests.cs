using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests a primary of a shard that hangs. (Beside ClusterTests, so that both run at the same time.)</summary>
public sealed class ClusterHangTests(TestServers servers)
{
    private const int Hit = 0;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consumers_move_from_a_hanging_primary_of_a_shard_to_its_replica()
    {
        await using var redis = await ClusterProcesses.StartAsync(["--cluster-require-full-coverage", "no"], TimeProvider.System, Cancel);
        await using var pipeline = await FailoverPipeline.OnTwoShardsAsync(servers, redis, Cancel);
        await pipeline.ReceiveAsync(300);
        await pipeline.StartAsync(consumers: 1, delayMs: 50);
        await Eventually.TrueAsync(() => pipeline.Processed(Hit) > 50, "it is served");

        var former = await redis.PrimaryOfAsync(pipeline.StreamKey(Hit), Cancel);
        former.Pause();
        await redis.FailedOverAsync(pipeline.StreamKey(Hit), former, Cancel);
        await pipeline.ReceiveAsync(50);
        // The primary still hangs.
        await pipeline.ProcessedAsync(2 * 350);
        former.Resume();

        await pipeline.AccountAsync();
        Assert.InRange(pipeline.Repeats, 0, 2 * pipeline.InWork);
    }
}
