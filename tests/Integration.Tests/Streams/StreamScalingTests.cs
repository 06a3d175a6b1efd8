using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Operations;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class StreamScalingTests(TestServers servers)
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Callers_within_a_second_share_one_reading()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var scaling = new StreamScaling(partition.Keys, partition.Connection, _time);
        var first = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => scaling.ReadAsync(CancellationToken.None)));
        Assert.All(first, one => Assert.Same(first[0], one));
        await Mails.AppendAsync(partition.Partition.Stream, 3);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, (await scaling.ReadAsync(CancellationToken.None)).Lag);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, (await scaling.ReadAsync(CancellationToken.None)).Lag);
    }

    [Fact]
    public async Task A_number_that_cannot_be_read_is_null_with_its_reason()
    {
        await using var partition = new TestPartition(servers);
        await partition.Database.StreamAddAsync(partition.Keys.Stream, "field", "value");
        var numbers = await partition.Partition.Scaling.ReadAsync(CancellationToken.None);
        Assert.Equal((1L, null, 1L), (numbers.Lag, numbers.Pending, numbers.Length));
        Assert.StartsWith("pending: NOGROUP", Assert.Single(numbers.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_can_be_read_it_says_why()
    {
        await using var partition = new TestPartition(servers);
        await partition.Database.StringSetAsync(partition.Keys.Stream, "no stream");
        var error = await Assert.ThrowsAnyAsync<Exception>(() => partition.Partition.Scaling.ReadAsync(CancellationToken.None));
        var failure = OperationFailure.Of(error)!;
        Assert.Equal(OperationFailureKind.Refused, failure.Kind);
        Assert.Contains($"Redis refuses XINFO GROUPS on {partition.Keys.Stream}: WRONGTYPE", failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_that_hangs_is_an_error_before_KEDA_gives_up()
    {
        await using var redis = await RedisProcess.StartAsync(
            new RedisProcessOptions(), TimeProvider.System, TestContext.Current.CancellationToken);
        var options = Options.Create(
            new StreamOptions { ConnectionString = $"{redis.ConnectionString},asyncTimeout=15000,syncTimeout=15000" });
        await using var connection = StreamConnection.Create(options);
        var scaling = new StreamScaling(new StreamKeys(""), connection, _time);
        Assert.Equal(0, (await scaling.ReadAsync(CancellationToken.None)).Length);
        redis.Pause();
        try
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var reading = scaling.ReadAsync(CancellationToken.None);
            Assert.Same(await Assert.ThrowsAsync<RedisTimeoutException>(() => EndAsync(reading)), reading.Exception!.InnerException);
            Assert.Equal(OperationFailureKind.Passing, OperationFailure.Of(reading.Exception.InnerException!)!.Kind);
            // The failure is shared too, so that callers do not queue up behind a Redis that hangs.
            await Assert.ThrowsAsync<RedisTimeoutException>(() => scaling.ReadAsync(CancellationToken.None));
        }
        finally
        {
            redis.Resume();
        }
    }

    // Past the timeout of two seconds, and not up to KEDA's three.
    private async Task EndAsync(Task reading)
    {
        await Eventually.TrueAsync(
            () =>
            {
                if (!reading.IsCompleted && _time.GetUtcNow() < _time.Start.AddSeconds(3.5))
                    _time.Advance(TimeSpan.FromMilliseconds(100));
                return reading.IsCompleted;
            },
            "the timeout");
        await reading;
    }
}
