using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Tests the trigger types of Sentinel and Cluster on such servers, before and after a failover.</summary>
public sealed class TriggersThroughFailoverTests
{
    private const string Partition = "support";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sentinel_triggers_read_the_current_primary()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        var sentinels = string.Join(',', redis.SentinelPorts.Select(port => $"127.0.0.1:{port}"));
        await ReadsAsync("redis-sentinel-streams", $"{sentinels}\n      sentinelMaster: mymaster", redis.ConnectionString, async () =>
        {
            var former = await redis.KillPrimaryAsync(Cancel);
            await redis.FailedOverAsync(former, Cancel);
        });
    }

    [Fact]
    public async Task Cluster_triggers_read_the_shard_of_their_stream()
    {
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        var stream = new StreamKeys(Partition).Stream!;
        await ReadsAsync("redis-cluster-streams", redis.ConnectionString, redis.ConnectionString, async () =>
        {
            var former = await redis.KillPrimaryOfAsync(stream!, Cancel);
            await redis.FailedOverAsync(stream!, former, Cancel);
        });
    }

    private static async Task ReadsAsync(string type, string addresses, string connectionString, Func<Task> failOver)
    {
        var yaml = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Autoscaling", "scaledobject.yaml"))
            .Replace("type: redis-streams", $"type: {type}", StringComparison.Ordinal)
            .Replace(
                $"stream: {new StreamKeys("").Stream}\n", $"stream: {new StreamKeys(Partition).Stream}\n      addresses: {addresses}\n",
                StringComparison.Ordinal);
        var scaledObject = ScaledObjectReader.Read(yaml, "scaledobject.yaml");
        var options = new StreamOptions { ConnectionString = connectionString };
        options.Partitions.Add(Partition);
        await using var connection = StreamConnection.Create(Options.Create(options));
        var partition = new StreamPartition(Partition, connection, Options.Create(options), TimeProvider.System);
        Assert.Equal(["NOGROUP", "0", "0"], await ValuesAsync());

        await Mails.AppendAsync(partition.Stream, 25);
        await new StreamGuard(connection, Options.Create(options)).EnsureGroupAsync(partition.Keys, Cancel);
        await using var group = partition.Join("busy", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), Cancel);
        Assert.Equal(["10", "15", "25"], await ValuesAsync());
        // WAIT has no key, so the client sends it to the server that has this key.
        var server = (await connection.GetAsync(Cancel)).GetServer(partition.Keys.Stream, flags: CommandFlags.DemandMaster);
        await server.ExecuteAsync("WAIT", 1, 5_000);

        await failOver();
        // Redis 7.0 does not replicate how much the group has read. Then the lag of a promoted replica is unknown until all is read.
        await Eventually.TrueAsync(async () => await ValuesAsync() is ["10", "15" or "-1", "25"], "the new primary is read");
        var rest = await group.Reader.ReadAsync(100, TimeSpan.FromSeconds(1), Cancel);
        Assert.Equal(15, rest.Count);
        await partition.Stream.TrimAsync(Cancel);
        Assert.Equal(["25", "0", "25"], await ValuesAsync());

        async Task<string[]> ValuesAsync()
        {
            var values = new List<string>();
            foreach (var trigger in scaledObject.Triggers)
            {
                var reading = await new RedisTriggers(connection).ReadAsync(trigger, Cancel);
                values.Add(reading.Error?.Split(' ')[0] ?? $"{reading.Value}");
            }

            return [.. values];
        }
    }
}
