using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>A repair of the index that fails is logged once for each partition, and its turn comes again soon.</summary>
public sealed class IndexMaintenanceTests : IAsyncLifetime
{
    private readonly FakeLogger<IndexMaintenance> _logger = new();
    private OwnRedisServer _redis = null!;
    private RedisConnection _connection = null!;
    private StreamPartitions _partitions = null!;
    private IndexMaintenance _maintenance = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedisServer.StartAsync(new());
        await AllowAsync("+@all");
        var options = new StreamOptions { ConnectionString = $"{_redis.Options.Value.ConnectionString},user=app,password=secret" };
        options.Partitions.Add("one");
        options.Partitions.Add("two");
        _connection = StreamConnection.Create(Options.Create(options));
        _partitions = new StreamPartitions(_connection, Options.Create(options), TimeProvider.System);
        _maintenance = new IndexMaintenance(_partitions, _connection, TimeProvider.System, _logger);
    }

    public async ValueTask DisposeAsync()
    {
        _maintenance.Dispose();
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_repair_that_fails_is_logged_once_for_each_partition_and_again_after_it_worked()
    {
        for (var failures = 1; failures <= 2; failures++)
        {
            await AllowAsync("-zrangebylex");
            for (var i = 0; i < 3; i++)
                await PassAsync();
            Assert.Equal(2 * failures, _logger.Collector.GetSnapshot().Count);
            await AllowAsync("+zrangebylex");
            await PassAsync();
        }
    }

    [Fact]
    public async Task The_turn_of_a_repair_that_failed_comes_again_in_minutes_and_after_it_worked_in_an_hour()
    {
        await AllowAsync("-zrangebylex");
        await PassAsync();
        Assert.InRange(await TurnAsync(), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        await AllowAsync("+zrangebylex");
        await PassAsync();
        Assert.InRange(await TurnAsync(), TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task The_next_turn_comes_in_an_hour_also_when_the_repair_took_longer_than_its_attempt()
    {
        var keys = _partitions.Served[0].Keys;
        // Far more than one step reads, so that the turn ends in the middle.
        for (var i = 1; i <= 20_000; i++)
            await _redis.Database.StreamAddAsync(keys.DeadLetters, [new("id", i)], $"{i}-0", flags: CommandFlags.FireAndForget);
        await new DeadLetterIndex(keys, _connection).RepairAsync(Cancel);
        var pass = _maintenance.PassAsync(keys, Cancel);
        while (!await _redis.Database.KeyDeleteAsync(keys.IndexTurn("hourly")))
            Cancel.ThrowIfCancellationRequested();
        Assert.False(pass.IsCompleted);
        await pass;
        Assert.InRange(await TurnAsync(), TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_full_Redis_is_named_and_the_index_is_corrected_when_there_is_room()
    {
        var partition = _partitions.Served[0];
        await partition.Stream.EnsureGroupAsync(Cancel);
        // As an older version writes it: without the index.
        await _redis.Database.StreamAddAsync(partition.Keys.DeadLetters, [new("id", "0"), new("fingerprint", "abc"), new("mailbox", "m")]);
        await _redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        for (var i = 0; i < 3; i++)
            await _maintenance.PassAsync(partition.Keys, Cancel);
        Assert.Contains("OOM", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
        await _redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await _maintenance.PassAsync(partition.Keys, Cancel);
        Assert.True(await new DeadLetterIndex(partition.Keys, _connection).IsWholeAsync(Cancel));
        Assert.Equal(1, await _redis.Database.SortedSetLengthAsync(partition.Keys.DeadLetterIndex));
    }

    private Task<RedisResult> AllowAsync(string rule) =>
        _redis.Database.ExecuteAsync("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", rule);

    private async Task<TimeSpan> TurnAsync() =>
        (await _redis.Database.KeyTimeToLiveAsync(_partitions.Served[0].Keys.IndexTurn("hourly")))!.Value;

    // The turns of the pass before are over.
    private async Task PassAsync()
    {
        foreach (var partition in _partitions.Served)
        {
            await _redis.Database.KeyDeleteAsync(partition.Keys.IndexTurn("hourly"));
            await _maintenance.PassAsync(partition.Keys, Cancel);
        }
    }
}
