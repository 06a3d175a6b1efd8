using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Tests which errors keep KEDA from building a scaler, and which ones its fallback handles.</summary>
public sealed class TriggerErrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    [InlineData(",user=nobody,password=wrong")]
    public async Task A_refused_login_counts_as_no_connection(string login)
    {
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions { Password = "right" }, TimeProvider.System, Cancel);
        await using var connection = Connect($"127.0.0.1:{redis.Port},connectTimeout=500,asyncTimeout=500{login}");
        Assert.All(await ReadAsync(connection), reading =>
        {
            Assert.True(reading.IsUnreachable, reading.Error);
            Assert.DoesNotContain('\n', reading.Error!);
        });
    }

    [Fact]
    public async Task A_hanging_Redis_counts_as_no_connection()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, Cancel);
        await using var connection = Connect($"127.0.0.1:{redis.Port},connectTimeout=500,asyncTimeout=500");
        // Neither the stream nor the group exists.
        Assert.Equal([false, false, false], (await ReadAsync(connection)).Select(reading => reading.IsUnreachable));
        redis.Pause();
        Assert.All(await ReadAsync(connection), reading => Assert.Equal(TriggerReading.Unreachable("Redis does not answer"), reading));
        redis.Resume();
    }

    [Fact]
    public async Task A_refused_command_uses_the_fallback()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Database.ExecuteAsync("ACL", "SETUSER", "blind", "on", ">secret", "~*", "&*", "+@all", "-xpending", "-xinfo", "-xlen");
        await using var connection = Connect($"{redis.Options.Value.ConnectionString},user=blind,password=secret");
        Assert.All(await ReadAsync(connection), reading => Assert.StartsWith("NOPERM", reading.Error, StringComparison.Ordinal));
        Assert.All(await ReadAsync(connection), reading => Assert.False(reading.IsUnreachable));
    }

    [Fact]
    public async Task An_outage_of_Redis_starts_no_consumer()
    {
        await using var redis = await OwnRedisServer.StartAsync(
            new RedisProcessOptions(), streams => streams.ConnectionString += ",connectTimeout=300,asyncTimeout=300");
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, Cancel);
        // Each poll without Redis takes seconds.
        const int Threshold = 1;
        var autoscaler = Start(redis, Threshold);
        await autoscaler.PollAsync(Cancel);
        Assert.Equal("nothing to do", autoscaler.State(0, 0).Why);

        redis.Kill();
        for (var i = 0; i <= Threshold; i++)
            await autoscaler.PollAsync(Cancel);
        Assert.Equal((0, "KEDA cannot connect to Redis"), (autoscaler.Wanted, autoscaler.State(0, 0).Why));
    }

    [Fact]
    public async Task A_missing_group_starts_a_consumer()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        var autoscaler = Start(redis);
        for (var i = 0; i < ScaledObject().Fallback!.FailureThreshold; i++)
            await autoscaler.PollAsync(Cancel);
        Assert.Equal(0, autoscaler.Wanted);
        await autoscaler.PollAsync(Cancel);
        Assert.Equal(1, autoscaler.Wanted);
    }

    private static Autoscaler Start(OwnRedisServer redis, int? threshold = null)
    {
        var spec = ScaledObject() with { MinReplicas = 0 };
        if (threshold is { } failures)
            spec = spec with { Fallback = spec.Fallback! with { FailureThreshold = failures } };
        return new(spec, new RedisTriggers(redis.Connection).ReadAsync, new FakeTimeProvider());
    }

    private static ScaledObject ScaledObject() => ScaledObjectReader.Read(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Autoscaling", "scaledobject.yaml")), "scaledobject.yaml");

    private static RedisConnection Connect(string connectionString) =>
        StreamConnection.Create(Options.Create(new StreamOptions { ConnectionString = $"{connectionString},abortConnect=false" }));

    private static async Task<TriggerReading[]> ReadAsync(RedisConnection connection)
    {
        var triggers = new RedisTriggers(connection);
        return await Task.WhenAll(ScaledObject().Triggers.Select(trigger => triggers.ReadAsync(trigger, Cancel)));
    }
}
