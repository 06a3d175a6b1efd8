using EmailIngestion.Redis;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class RedisErrorsTests
{
    [Theory]
    [InlineData("NOREPLICAS Not enough good replicas to write.", 1)]
    [InlineData("LOADING Redis is loading the dataset in memory", 1)]
    [InlineData(
        "READONLY You can't write against a read only replica. script: 0eace11bde4dc45f400b1e9b9e3193497e7581da, on @user_script:1.", 1)]
    [InlineData("MASTERDOWN Link with MASTER is down", 1)]
    [InlineData("CLUSTERDOWN The cluster is down", 1)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", 1)]
    [InlineData("MOVED 1 127.0.0.1:1", 1)]
    [InlineData("Key has MOVED but CommandFlags.NoRedirect was specified - redirect not followed. ", 1)]
    [InlineData("ASK 1 127.0.0.1:1", 1)]
    [InlineData("BUSY Redis is busy running a script.", 1)]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", 1)]
    [InlineData("UNBLOCKED client unblocked via CLIENT UNBLOCK", 1)]
    [InlineData("ERR max number of clients reached", 1)]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", 2)]
    [InlineData("NOGROUP No such key 's' or consumer group 'g'", 3)]
    [InlineData("ERR no such key", 3)]
    [InlineData("ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option", 3)]
    [InlineData("NOPERM this user has no permissions to run the 'xadd' command", 4)]
    [InlineData("NOAUTH Authentication required.", 4)]
    [InlineData("WRONGPASS invalid username-password pair", 4)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", 4)]
    [InlineData("ERR unknown command 'EVALSHA'", 4)]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot", 4)]
    [InlineData("ERR user_script:1: too many results to unpack", 4)]
    public void An_error_of_Redis_has_the_kind_that_decides_what_helps(string text, int kind) =>
        Assert.Equal((RedisFailure)kind, RedisErrors.KindOf(new RedisException(text)));

    [Fact]
    public void Our_own_bugs_are_not_taken_for_errors_of_Redis()
    {
        Assert.False(RedisErrors.IsRedis(new InvalidCastException("ours")));
        Assert.False(RedisErrors.IsRedis(new OperationCanceledException()));
        // The client throws these types too, for an outage.
        Assert.False(RedisErrors.IsRedis(Thrown(() => throw new TimeoutException("ours"))));
        Assert.False(RedisErrors.IsRedis(new TimeoutException()));
        using var ended = new CancellationTokenSource();
        ended.Dispose();
        var disposed = Thrown(() => ended.Token.ThrowIfCancellationRequested());
        Assert.IsType<ObjectDisposedException>(disposed);
        Assert.False(RedisErrors.IsRedis(disposed));
        Assert.False(RedisErrors.IsReplaced(disposed));
        Assert.False(RedisErrors.IsReplaced(new ObjectDisposedException("System.Threading.SemaphoreSlim")));
    }

    [Fact]
    public void A_timeout_of_the_client_is_an_outage() =>
        Assert.True(
            RedisErrors.IsPassing(
                new RedisTimeoutException(CommandFlags.None, "Timeout awaiting response", CommandStatus.WaitingInBacklog)));

    // The error of the client library for a command whose connection ends while it is sent.
    [Fact]
    public void A_command_in_flight_on_a_closed_connection_is_not_taken_for_our_own_bug() =>
        Assert.True(RedisErrors.IsReplaced(Thrown(() => throw new ObjectDisposedException("Connection is being disposed"))));

    // A connection that we closed and replaced, with our name, the settings' name, or none.
    [Theory]
    [InlineData("email-ingestion-shared")]
    [InlineData("a name of one's own")]
    [InlineData("")]
    public async Task A_command_on_a_closed_connection_is_not_taken_for_our_own_bug(string name)
    {
        var configuration = new ConfigurationOptions { EndPoints = { "127.0.0.1:1" }, AbortOnConnectFail = false, ConnectTimeout = 100 };
        if (name.Length > 0)
            configuration.ClientName = name;
        var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        await connection.CloseAsync(allowCommandsToComplete: false);
        await connection.DisposeAsync();

        var error = await Record.ExceptionAsync(() => connection.GetDatabase().StringGetAsync("a"));

        Assert.True(RedisErrors.IsPassing(error!), $"{error}");
        Assert.True(RedisErrors.IsReplaced(error!));
    }

    [Fact]
    public void Each_kind_of_failure_is_reported_once_and_an_outage_hides_no_bug()
    {
        var failing = new FailureChange();
        var away = new RedisConnectionException(ConnectionFailureType.SocketFailure, CommandFlags.None, "t");
        Assert.Equal(
            [true, false, true, false, true, true],
            new Exception[] { away, away, new InvalidCastException(), new InvalidCastException(), new FormatException(), away }
                .Select(failing.Note));
        Assert.True(failing.IsFailing);
        failing.Clear();
        Assert.False(failing.IsFailing);
        Assert.True(failing.Note(away));
    }

    private static Exception Thrown(Action action) => Record.Exception(action)!;

    [Fact]
    public void The_place_in_a_script_is_left_out() => Assert.Equal(
        "NOPERM this user may not run XADD on email_ingestion_dlq",
        RedisErrors.Text(new RedisException(
            "NOPERM this user may not run XADD on email_ingestion_dlq "
            + "script: 0eace11bde4dc45f400b1e9b9e3193497e7581da, on @user_script:7.")));
}
