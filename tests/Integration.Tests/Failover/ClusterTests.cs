using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests two partitions on different shards of a Redis Cluster, each with a mailbox, both served by the same consumers.</summary>
public sealed class ClusterTests(TestServers servers)
{
    private const int Hit = 0;
    private const int Other = 1;

    // Otherwise one shard that is down stops all others.
    private static readonly string[] Partial = ["--cluster-require-full-coverage", "no"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_primary_loses_no_mail_and_delays_no_other_shard()
    {
        await using var redis = await ClusterProcesses.StartAsync(Partial, TimeProvider.System, Cancel);
        await using var pipeline = await PipelineAsync(redis);
        await pipeline.ReceiveAsync(800);
        await pipeline.StartAsync(consumers: 2, delayMs: 100);
        await Eventually.TrueAsync(() => pipeline.Processed(Hit) > 50 && pipeline.Processed(Other) > 50, "both are served");

        var former = await redis.KillPrimaryOfAsync(pipeline.StreamKey(Hit), Cancel);
        var (hit, other) = (pipeline.Processed(Hit), pipeline.Processed(Other));
        await redis.FailedOverAsync(pipeline.StreamKey(Hit), former, Cancel);
        // Work in progress may still end, but no new email comes from that shard.
        Assert.InRange(pipeline.Processed(Hit) - hit, 0, pipeline.InWork);
        Assert.InRange(pipeline.Processed(Other) - other, pipeline.InWork + 1, int.MaxValue);
        await former.RestartAsync(Cancel);
        await pipeline.ReceiveAsync(50);

        await pipeline.AccountAsync();
        Assert.InRange(pipeline.Repeats, 0, 2 * pipeline.InWork);
    }

    [Fact]
    public async Task A_shard_that_is_away_at_the_start_delays_no_other_shard()
    {
        await using var redis = await ClusterProcesses.StartAsync(
            [.. Partial, "--cluster-replica-no-failover", "yes"], TimeProvider.System, Cancel);
        await using var pipeline = await PipelineAsync(redis);
        await pipeline.ReceiveAsync(20);
        var away = await redis.KillPrimaryOfAsync(pipeline.StreamKey(Hit), Cancel);

        await pipeline.StartAsync(consumers: 1, delayMs: 0);
        await Eventually.TrueAsync(
            () => pipeline.Processed(Other) == 20, "the other shard's mailbox is polled and consumed", TimeSpan.FromSeconds(45));
        Assert.Equal(0, pipeline.Processed(Hit));
        await away.RestartAsync(Cancel);

        await pipeline.AccountAsync();
        Assert.Equal(0, pipeline.Repeats);
    }

    [Fact]
    public async Task A_slot_migration_under_load_and_flushed_scripts_repeat_nothing()
    {
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var pipeline = await PipelineAsync(redis);
        await pipeline.ReceiveAsync(300);
        await pipeline.StartAsync(consumers: 2, delayMs: 20);
        await pipeline.ProcessedAsync(100);

        var keys = 0;
        await redis.MigrateSlotOfAsync(
            pipeline.StreamKey(Hit),
            () =>
            {
                keys++;
                return Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            },
            Cancel);
        Assert.InRange(keys, 4, 100);
        await pipeline.ReceiveAsync(100);
        foreach (var primary in await redis.PrimariesAsync(Cancel))
            Assert.Equal("OK", await primary.AskAsync(Cancel, "SCRIPT", "FLUSH"));
        await pipeline.ReceiveAsync(100);

        await pipeline.AccountAsync();
        Assert.Equal(0, pipeline.Repeats);
    }

    [Fact]
    public async Task A_Cluster_needs_named_partitions_and_only_their_nodes_are_checked()
    {
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);

        var refused = await Assert.ThrowsAsync<StreamRefusedException>(() => CheckAsync([]));
        Assert.Equal("Redis is a Cluster and Streams:Partitions is empty: on a Cluster every partition needs a name.", refused.Message);

        // One node evicts keys. Only a process with a partition on it is refused.
        var evicting = await redis.PrimaryOfAsync(new StreamKeys("a").Stream!, Cancel);
        await evicting.AskAsync(Cancel, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        var elsewhere = await NameElsewhereAsync(evicting);
        await CheckAsync([elsewhere]);
        refused = await Assert.ThrowsAsync<StreamRefusedException>(() => CheckAsync([elsewhere, "a"]));
        Assert.Contains("allkeys-lru", refused.Message, StringComparison.Ordinal);

        async Task CheckAsync(string[] partitions)
        {
            var options = new StreamOptions { ConnectionString = redis.ConnectionString };
            foreach (var partition in partitions)
                options.Partitions.Add(partition);
            await using var connection = StreamConnection.Create(Options.Create(options));
            await new StreamGuard(connection, Options.Create(options)).CheckServersAsync(Cancel);
        }

        async Task<string> NameElsewhereAsync(RedisNode node)
        {
            for (var i = 0; ; i++)
            {
                if (await redis.PrimaryOfAsync(new StreamKeys($"p{i}").Stream!, Cancel) != node)
                    return $"p{i}";
            }
        }
    }

    [Fact]
    public async Task A_pause_of_one_shard_stops_no_other_and_loses_nothing()
    {
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var pipeline = await PipelineAsync(redis);
        await pipeline.ReceiveAsync(300);
        await pipeline.StartAsync(consumers: 2, delayMs: 400);
        await Eventually.TrueAsync(() => pipeline.Processed(Hit) > 20 && pipeline.Processed(Other) > 20, "both are served");
        await pipeline.Stream(Hit).Control.PauseAsync("consumers", "ops", "Test", Cancel);
        await pipeline.Stream(Hit).Control.SetConcurrencyAsync(30, "ops", Cancel);
        await Eventually.TrueAsync(() => pipeline.Processed(Other) == 300, "the other is served");
        Assert.InRange(pipeline.Processed(Hit), 20, 299);

        await pipeline.Stream(Hit).Control.ResumeAsync("consumers", "ops", Cancel);
        await pipeline.AccountAsync();
        Assert.Equal(0, pipeline.Repeats);
        Assert.Equal(3, await (await pipeline.Connection.DatabaseAsync(Cancel)).StreamLengthAsync(pipeline.Stream(Hit).Keys.Audit));
    }

    private Task<FailoverPipeline> PipelineAsync(ClusterProcesses redis) => FailoverPipeline.OnTwoShardsAsync(servers, redis, Cancel);
}
