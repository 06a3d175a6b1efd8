using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>A process connects to Redis while its settings are checked, before the first command.</summary>
public sealed class EarlyConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_open_before_the_first_command_which_uses_it()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, Cancel);
        using var relay = new CountingRelay(redis.Port);
        await using var connection = Connection(relay.Port);

        connection.Open();
        await Eventually.TrueAsync(() => relay.Connections > 0, "it connects without a command");
        var database = await connection.DatabaseAsync(Cancel);
        await database.StringSetAsync("key", "value");

        // As many as a process without the early one has.
        using var other = new CountingRelay(redis.Port);
        await using var later = Connection(other.Port);
        Assert.Equal("value", await (await later.DatabaseAsync(Cancel)).StringGetAsync("key"));
        Assert.Equal(other.Connections, relay.Connections);
    }

    [Fact]
    public async Task One_that_fails_leaves_the_report_to_the_first_command()
    {
        var port = Loopback.FreePort();
        await using var connection = Connection(port, "user=nobody,password=wrong");
        await using (var redis = await RedisProcess.StartAsync(
            new RedisProcessOptions { Port = port, ExtraArguments = ["--requirepass", "right"] }, TimeProvider.System, Cancel))
        {
            connection.Open();
            var error = await Assert.ThrowsAsync<RedisConnectionException>(
                async () => await (await connection.DatabaseAsync(Cancel)).StringGetAsync("key"));
            Assert.Equal(ConnectionFailureType.AuthenticationFailure, error.FailureType);
        }
    }

    [Fact]
    public async Task A_Redis_that_starts_after_it_is_used_by_the_first_command()
    {
        var port = Loopback.FreePort();
        await using var connection = Connection(port);
        connection.Open();
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions { Port = port }, TimeProvider.System, Cancel);

        var answered = await Eventually.AnsweredAsync(async () =>
        {
            var database = await connection.DatabaseAsync(Cancel);
            return await database.StringSetAsync("key", "value");
        });

        Assert.True(answered);
    }

    [Fact]
    public async Task A_process_that_ends_meanwhile_does_not_wait_for_it()
    {
        using var silent = new SilentServer();
        var connection = Connection(silent.Port, "connectTimeout=60000");
        connection.Open();

        await connection.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel);
    }

    private static RedisConnection Connection(int port, string more = "connectTimeout=2000") => StreamConnection.Create(
        Options.Create(new StreamOptions { ConnectionString = $"127.0.0.1:{port},{more}" }));
}
