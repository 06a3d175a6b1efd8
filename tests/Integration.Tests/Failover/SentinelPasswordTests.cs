using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests a Redis with a password and a Sentinel with another password, with a user, or with none.</summary>
public sealed class SentinelPasswordTests
{
    private const string OfRedis = "of redis";
    private const string OfSentinel = "of sentinel";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sentinels_with_their_own_password_are_used_through_a_failover()
    {
        await using var primary =
            await RedisNode.StartAsync(["--requirepass", OfRedis, "--masterauth", OfRedis], TimeProvider.System, Cancel);
        await using var replica = await RedisNode.StartAsync(
            ["--requirepass", OfRedis, "--masterauth", OfRedis, "--replicaof", $"127.0.0.1 {primary.Port}"], TimeProvider.System, Cancel);
        await using var sentinel = await SentinelOfAsync(primary, $"requirepass \"{OfSentinel}\"");
        await Eventually.TrueAsync(
            async () => (await RedisQuestion.AskAsync(replica.Port, OfRedis, Cancel, "INFO", "replication"))
                .Contains("master_link_status:up", StringComparison.Ordinal)
                && (await RedisQuestion.AskAsync(sentinel.Port, OfSentinel, Cancel, "INFO", "sentinel"))
                    .Contains("slaves=1", StringComparison.Ordinal),
            "the Sentinel knows the replica");
        var streams = Streams(sentinel, password: OfSentinel);
        await using var connection = StreamConnection.Create(streams);
        await new StreamGuard(connection, streams).CheckServersAsync(Cancel);

        await primary.KillAsync();

        await Eventually.TrueAsync(
            async () => (await connection.GetAsync(Cancel)).GetServers() is [{ IsConnected: true } server]
                && server.EndPoint.ToString() == replica.Address,
            "it follows");
        await new StreamGuard(connection, streams).CheckServersAsync(Cancel);
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("", "", "")]
    [InlineData("", null, "whatever")]
    [InlineData("requirepass \"of redis\"", null, null)]
    [InlineData("user asker on >\"of sentinel\" +@all", "asker", OfSentinel)]
    public async Task The_Sentinel_receives_the_credentials_that_it_requires(string directive, string? user, string? password)
    {
        await using var redis = await RedisNode.StartAsync(["--requirepass", OfRedis], TimeProvider.System, Cancel);
        await using var sentinel = await SentinelOfAsync(redis, directive);
        var streams = Streams(sentinel, user, password);
        await using var connection = StreamConnection.Create(streams);
        await new StreamGuard(connection, streams).CheckServersAsync(Cancel);
    }

    [Fact]
    public async Task The_user_of_Redis_is_not_sent_to_Sentinels_with_their_own_password()
    {
        await using var redis =
            await RedisNode.StartAsync(
                ["--requirepass", OfRedis, "--user", "app", "on", ">secret", "~*", "&*", "+@all"], TimeProvider.System, Cancel);
        await using var sentinel = await SentinelOfAsync(redis, $"requirepass \"{OfSentinel}\"");
        var streams = Streams(sentinel, password: OfSentinel, more: ",user=app,password=secret");
        await using var connection = StreamConnection.Create(streams);
        await new StreamGuard(connection, streams).CheckServersAsync(Cancel);
    }

    [Theory]
    [InlineData("wrong", "they do not accept Streams:SentinelPassword.")]
    [InlineData(null, "they do not accept the user or password of Redis. Streams:SentinelPassword is not set.")]
    public async Task A_password_that_the_Sentinel_refuses_is_reported_with_its_setting(string? password, string says)
    {
        await using var redis = await RedisNode.StartAsync(["--requirepass", OfRedis], TimeProvider.System, Cancel);
        await using var sentinel = await SentinelOfAsync(redis, $"requirepass \"{OfSentinel}\"");
        await using var connection = StreamConnection.Create(Streams(sentinel, password: password));

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => connection.GetAsync(Cancel).AsTask());

        Assert.Equal($"No Sentinel says where the primary of '{SentinelProcesses.ServiceName}' is: {says}", BriefError.Of(error));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    [InlineData(",user=nobody,password=wrong")]
    public async Task A_password_that_Redis_refuses_is_reported_as_that_of_Redis(string given)
    {
        await using var redis = await RedisNode.StartAsync(["--requirepass", OfRedis], TimeProvider.System, Cancel);
        var streams = Options.Create(new StreamOptions { ConnectionString = $"{redis.Address}{given},asyncTimeout=2000" });
        await using var connection = StreamConnection.Create(streams);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => new StreamGuard(connection, streams).CheckServersAsync(Cancel));

        Assert.True(RedisErrors.IsPassing(error));
        Assert.Equal("Redis does not accept the user or password of Streams:ConnectionString (or REDIS_PASSWORD).", BriefError.Of(error));
    }

    private static Task<SentinelProcess> SentinelOfAsync(RedisNode primary, string directive) => SentinelProcess.StartAsync(
        [
            $"sentinel monitor {SentinelProcesses.ServiceName} 127.0.0.1 {primary.Port} 1",
            $"sentinel auth-pass {SentinelProcesses.ServiceName} \"{OfRedis}\"",
            $"sentinel down-after-milliseconds {SentinelProcesses.ServiceName} 1000", directive,
        ],
        TimeProvider.System,
        Cancel);

    private static IOptions<StreamOptions> Streams(
        SentinelProcess sentinel, string? user = null, string? password = null, string more = $",password={OfRedis}") =>
        Options.Create(new StreamOptions
        {
            ConnectionString = $"127.0.0.1:{sentinel.Port},serviceName={SentinelProcesses.ServiceName},asyncTimeout=2000{more}",
            SentinelUser = user,
            SentinelPassword = password,
        });
}
