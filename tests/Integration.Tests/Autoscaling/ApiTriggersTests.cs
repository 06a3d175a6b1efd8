using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>KEDA asks for the same replicas by <c>GET /api/scaler</c> as by Redis, in every state of the stream.</summary>
public sealed class ApiTriggersTests(TestServers servers) : IAsyncLifetime
{
    private readonly TestPartition _partition = new(servers);
    private readonly FakeTimeProvider _time = new(Hpa.Start);
    private ScalerServer _server = null!;
    private Autoscaler _byRedis = null!;
    private Autoscaler _byApi = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScalerServer.StartAsync(_partition);
        _byRedis = new Autoscaler(TestScaledObject.Read(_partition), new RedisTriggers(_partition.Connection).ReadAsync, _time);
        _byApi = new Autoscaler(TestScaledObject.ReadApi(_partition), _server.Triggers.ReadAsync, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _partition.DisposeAsync();
    }

    [Fact]
    public async Task A_backlog_is_worked_off_with_the_same_replicas_by_both()
    {
        await _partition.EnsureGroupAsync();
        Assert.Equal(0, await SameAsync("0", "0", "0"));
        await Mails.AppendAsync(_partition.Partition.Stream, 250);
        Assert.Equal(3, await SameAsync("0", "250", "250", passes: 3));
        await using var group = _partition.Partition.Join("busy", TimeSpan.FromMinutes(5));
        var read = await group.Reader.ReadAsync(250, TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(8, await SameAsync("250", "0", "250", passes: 5));
        await group.SettleAsync(read, CancellationToken.None);
        // Settled and not trimmed yet: one less at each pass.
        Assert.Equal(7, await SameAsync("0", "0", "250"));
        await _partition.Partition.Stream.TrimAsync(CancellationToken.None);
        Assert.Equal(0, await SameAsync("0", "0", "0", passes: 200));
    }

    [Fact]
    public async Task Without_the_group_both_reach_the_fallback_and_start_one()
    {
        await _partition.Database.StreamAddAsync(_partition.Keys.Stream, "field", "value");
        Assert.Equal(1, await SameAsync("error", "1", "1", passes: 5));
        await _partition.EnsureGroupAsync();
        Assert.Equal(1, await SameAsync("0", "1", "1"));
    }

    [Fact]
    public async Task Before_the_stream_exists_only_pending_is_an_error() => await SameAsync("error", "0", "0", passes: 5);

    [Fact]
    public async Task A_key_of_another_kind_is_an_error_for_every_trigger()
    {
        await _partition.Database.StringSetAsync(_partition.Keys.Stream, "no stream");
        Assert.Equal(1, await SameAsync("error", "error", "error", passes: 5));
    }

    [Fact]
    public async Task An_unknown_lag_is_the_same_number_and_the_length_wakes()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 10);
        await _partition.EnsureGroupAsync();
        await using (var group = _partition.Partition.Join("busy", TimeSpan.FromMinutes(5)))
        {
            var read = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
            await group.SettleAsync(read, CancellationToken.None);
        }

        await _partition.Database.StreamDeleteAsync(
            _partition.Keys.Stream, [(await _partition.Database.StreamRangeAsync(_partition.Keys.Stream, "-", "+"))[5].Id]);
        Assert.Equal(1, await SameAsync("0", $"{LagRule.Unknown}", "9"));
    }

    // KEDA builds a scaler for HTTP without a connection, so its failures count, unlike those of a Redis that is away.
    [Fact]
    public async Task Without_Redis_replicas_stay_by_both_and_only_HTTP_leaves_0()
    {
        await using var redis = await RedisProcess.StartAsync(
            new RedisProcessOptions(), TimeProvider.System, TestContext.Current.CancellationToken);
        var connection = $"{redis.ConnectionString},connectTimeout=500,asyncTimeout=500,syncTimeout=500";
        await using var partition = new TestPartition(servers, options => options.ConnectionString = connection);
        await using var server = await ScalerServer.StartAsync(partition, connection);
        _byRedis = new Autoscaler(TestScaledObject.Read(partition), new RedisTriggers(partition.Connection).ReadAsync, _time);
        _byApi = new Autoscaler(TestScaledObject.ReadApi(partition), server.Triggers.ReadAsync, _time);
        var startedAtZero = new Autoscaler(TestScaledObject.ReadApi(partition), server.Triggers.ReadAsync, _time);
        await partition.EnsureGroupAsync();
        // On a busy machine an answer may come too late, which counts as a failure.
        await Eventually.TrueAsync(
            async () =>
            {
                await startedAtZero.PollAsync(CancellationToken.None);
                return startedAtZero.State(0, 0).Triggers.All(trigger => trigger.Reading.Error is null);
            },
            "numbers");
        await Mails.AppendAsync(partition.Partition.Stream, 350);
        await Eventually.TrueAsync(
            async () => (await ReadAsync(server.Triggers.ReadAsync, TestScaledObject.ReadApi(partition))).Contains("350"), "the backlog");
        Assert.Equal(4, await PassesAsync(3));
        await redis.StopAsync();

        await Eventually.TrueAsync(
            async () => (await ReadAsync(server.Triggers.ReadAsync, TestScaledObject.ReadApi(partition))).All(one => one == "error"),
            "errors instead of numbers");
        Assert.Equal(4, await PassesAsync(20));
        Assert.All(_byApi.State(4, 0).Triggers, trigger => Assert.Equal("/api/scaler: api returned 503", trigger.Reading.Error));
        for (var i = 0; i < 3; i++)
        {
            await startedAtZero.PollAsync(CancellationToken.None);
            Assert.Equal(0, startedAtZero.Wanted);
        }

        await startedAtZero.PollAsync(CancellationToken.None);
        Assert.Equal(1, startedAtZero.Wanted);
    }

    [Fact]
    public async Task A_wrong_key_or_no_server_is_one_short_error()
    {
        var trigger = TestScaledObject.ReadApi(_partition).Triggers[0];
        using var client = new HttpClient();
        var triggers = new ApiTriggers(client, _server.Url, () => "wrong", TimeProvider.System);
        var wrong = await triggers.ReadAsync(trigger, CancellationToken.None);
        Assert.Equal(TriggerReading.Failed("/api/scaler: api returned 401"), wrong);

        var nowhere = new Uri($"http://127.0.0.1:{Loopback.FreePort()}");
        var away = await new ApiTriggers(client, nowhere, () => "key", TimeProvider.System).ReadAsync(trigger, CancellationToken.None);
        Assert.Equal(TriggerReading.Failed($"{nowhere} cannot be read: ConnectionError"), away);
    }

    // Waits until the shared reading of the function is over, then compares values and decisions.
    private async Task<int> SameAsync(string pending, string lag, string length, int passes = 1)
    {
        string[] expected = [pending, lag, length];
        Assert.Equal(expected, await ReadAsync(new RedisTriggers(_partition.Connection).ReadAsync, TestScaledObject.Read(_partition)));
        await Eventually.TrueAsync(
            async () => (await ReadAsync(_server.Triggers.ReadAsync, TestScaledObject.ReadApi(_partition))).SequenceEqual(expected),
            $"pending {pending}, lag {lag}, length {length}");
        return await PassesAsync(passes);
    }

    private async Task<int> PassesAsync(int passes)
    {
        for (var pass = 0; pass < passes; pass++)
        {
            _time.Advance(TimeSpan.FromSeconds(15));
            await Task.WhenAll(_byRedis.PollAsync(CancellationToken.None), _byApi.PollAsync(CancellationToken.None));
            Assert.Equal(_byRedis.Wanted, _byApi.Wanted);
            await Task.WhenAll(
                _byRedis.SyncAsync(_byRedis.Wanted, CancellationToken.None), _byApi.SyncAsync(_byApi.Wanted, CancellationToken.None));
            Assert.Equal(_byRedis.Wanted, _byApi.Wanted);
        }

        return _byApi.Wanted;
    }

    private static async Task<string[]> ReadAsync(Func<Trigger, CancellationToken, Task<TriggerReading>> read, ScaledObject spec) =>
        [.. (await Task.WhenAll(spec.Triggers.Select(trigger => read(trigger, CancellationToken.None))))
            .Select(reading => reading.Error is null ? $"{reading.Value}" : "error")];
}
