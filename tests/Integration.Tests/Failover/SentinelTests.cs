using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests what a failover with Sentinels loses and repeats, and which servers the connections use.</summary>
public sealed class SentinelTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_that_no_replica_had_are_polled_and_processed_again()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await SentinelSteps.StartInStepsAsync(pipeline);
        await SentinelSteps.CutReplicasOffAsync(redis);

        await pipeline.ReceiveAsync(30);
        await SentinelSteps.TakeWritesWithoutReplicasAsync(pipeline);
        await SentinelSteps.LosePrimaryAsync(redis);

        await Eventually.TrueAsync(async () => await pipeline.PollAsync() is { End: PollEnd.Complete, Appended: 30 }, "it is read again");
        await pipeline.AccountAsync();
        Assert.Equal((80, 30), (pipeline.Runs, pipeline.Repeats));
    }

    [Fact]
    public async Task A_primary_that_needs_a_replica_to_write_repeats_nothing()
    {
        await using var redis = await SentinelProcesses.StartAsync(SentinelSteps.NeedsAReplica, TimeProvider.System, Cancel);
        await using var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 1);
        await SentinelSteps.StartInStepsAsync(pipeline);
        await SentinelSteps.CutReplicasOffAsync(redis);

        await pipeline.ReceiveAsync(30);
        var poll = await pipeline.PollAsync();
        Assert.Equal((PollEnd.RedisAway, 0), (poll.End, poll.Appended));
        Assert.Contains("NOREPLICAS", poll.Error, StringComparison.Ordinal);
        await SentinelSteps.LosePrimaryAsync(redis);

        await Eventually.TrueAsync(async () => await pipeline.PollAsync() is { End: PollEnd.Complete, Appended: 30 }, "it is read");
        await pipeline.AccountAsync();
        Assert.Equal((50, 0), (pipeline.Runs, pipeline.Repeats));
    }

    [Fact]
    public async Task Connections_follow_Sentinels_that_do_not_know_the_user_of_Redis()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        foreach (var node in redis.Nodes)
            Assert.Equal("OK", await node.AskAsync(Cancel, "ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all"));
        var options = new StreamOptions { ConnectionString = $"{redis.ConnectionString},user=app,password=secret" };
        await using var connection = StreamConnection.Create(Options.Create(options));
        await Eventually.TrueAsync(IsConnectedAsync, "the Sentinels name the primary");
        await new StreamGuard(connection, Options.Create(options)).CheckServersAsync(Cancel);
        Assert.Equal("app", await WhoAsync());

        var former = await redis.KillPrimaryAsync(Cancel);
        await redis.FailedOverAsync(former, Cancel);

        var primary = await redis.PrimaryAsync(Cancel);
        await Eventually.TrueAsync(
            async () => (await connection.GetAsync(Cancel)).GetServers() is [var server] && server.EndPoint.ToString() == primary.Address,
            "it is connected to the new primary");
        Assert.Equal("app", await WhoAsync());

        // On a busy machine they answer late.
        async Task<bool> IsConnectedAsync()
        {
            try
            {
                await connection.GetAsync(Cancel);
                return true;
            }
            catch (RedisConnectionException)
            {
                return false;
            }
        }

        async Task<string?> WhoAsync() => (string?)await (await connection.DatabaseAsync(Cancel)).ExecuteAsync("ACL", "WHOAMI");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_warning_says_that_a_primary_accepts_writes_without_replicas(bool alone)
    {
        await using var redis = await SentinelProcesses.StartAsync(alone ? [] : SentinelSteps.NeedsAReplica, TimeProvider.System, Cancel);
        var options = Options.Create(new StreamOptions { ConnectionString = redis.ConnectionString });
        await using var connection = StreamConnection.Create(options);
        var logger = new FakeLogger<StreamGuard>();

        await new StreamGuard(connection, options, logger).CheckServersAsync(Cancel);

        Assert.Equal(
            alone ? 1 : 0,
            logger.Collector.GetSnapshot().Count(record => record.Message.Contains("min-replicas-to-write 0", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_any_Sentinel_the_error_is_clear_and_a_later_start_works()
    {
        var port = Loopback.FreePort();
        await using var connection = StreamConnection.Create(Options.Create(new StreamOptions
        {
            ConnectionString = $"127.0.0.1:{port},serviceName={SentinelProcesses.ServiceName},connectTimeout=500",
        }));

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => connection.GetAsync(Cancel).AsTask());
        Assert.Equal($"No Sentinel says where the primary of '{SentinelProcesses.ServiceName}' is.", error.Message);

        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, Cancel);
        await using var sentinel = await SentinelProcess.StartAsync(
            [$"sentinel monitor {SentinelProcesses.ServiceName} 127.0.0.1 {redis.Port} 1"], TimeProvider.System, Cancel, port);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await (await connection.DatabaseAsync(Cancel)).PingAsync() >= TimeSpan.Zero;
                }
                catch (RedisConnectionException)
                {
                    return false;
                }
            },
            "it connects");
    }
}
