using EmailIngestion.Redis;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class RedisErrorsTests
{
    [Theory]
    [InlineData("NOREPLICAS Not enough good replicas to write.", 1)]
    [InlineData("LOADING Redis is loading the dataset in memory", 1)]
    [InlineData("READONLY You can't write against a read only replica. script: 0eace11bde4dc45f400b1e9b9e3193497e7581da, on @user_script:1.", 1)]
    [InlineData("MASTERDOWN Link with MASTER is down", 1)]
    [InlineData("CLUSTERDOWN The cluster is down", 1)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", 1)]
    [InlineData("MOVED 1 127.0.0.1:1", 1)]
    [InlineData("ASK 1 127.0.0.1:1", 1)]
    [InlineData("BUSY Redis is busy running a script.", 1)]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", 1)]
    [InlineData("UNBLOCKED client unblocked via CLIENT UNBLOCK", 1)]
    [InlineData("ERR max number of clients reached", 1)]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", 2)]
    [InlineData("NOGROUP No such key 's' or consumer group 'g'", 3)]
    [InlineData("ERR no such key", 3)]
    [InlineData("NOPERM this user has no permissions to run the 'xadd' command", 4)]
    [InlineData("NOAUTH Authentication required.", 4)]
    [InlineData("WRONGPASS invalid username-password pair", 4)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", 4)]
    [InlineData("ERR unknown command 'EVALSHA'", 4)]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot", 4)]
    [InlineData("ERR user_script:1: too many results to unpack", 4)]
    public void An_error_of_redis_has_the_kind_that_says_what_helps(string text, int kind) =>
        Assert.Equal((RedisFailure)kind, RedisErrors.KindOf(new RedisException(text)));

    [Fact]
    public void Our_own_faults_are_not_of_redis()
    {
        Assert.False(RedisErrors.IsRedis(new InvalidCastException("ours")));
        Assert.False(RedisErrors.IsRedis(new OperationCanceledException()));
        Assert.True(RedisAway.Is(new TimeoutException()));
    }

    [Fact]
    public void The_place_in_a_script_is_left_out() => Assert.Equal(
        "NOPERM this user may not run XADD on email_ingestion_dlq",
        RedisErrors.Text(new RedisException(
            "NOPERM this user may not run XADD on email_ingestion_dlq script: 0eace11bde4dc45f400b1e9b9e3193497e7581da, on @user_script:7.")));
}
