using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Telemetry;

/// <summary>Redis refuses a key of one partition and not of the other: one line in the log, however long it lasts.</summary>
public sealed class PartitionFailureTests : IAsyncLifetime
{
    private const int Passes = 3;

    private readonly TestPartition _good;
    private readonly TestPartition _bad;
    private readonly StreamPartitions _partitions;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public PartitionFailureTests(TestServers servers)
    {
        (_good, _bad) = (new TestPartition(servers), new TestPartition(servers));
        var options = new StreamOptions { ConnectionString = servers.RedisConnectionString };
        // What works comes last, and must not end the failure of the other.
        options.Partitions.Add(_bad.Name);
        options.Partitions.Add(_good.Name);
        _partitions = new StreamPartitions(_good.Connection, Options.Create(options), TimeProvider.System);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public async ValueTask InitializeAsync()
    {
        await _good.EnsureGroupAsync();
        await _bad.EnsureGroupAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _bad.DisposeAsync();
        await _good.DisposeAsync();
    }

    [Fact]
    public async Task Control_that_cannot_be_read_is_logged_once_and_again_after_it_worked()
    {
        var logger = new FakeLogger<ControlWatch>();
        using var watch = new ControlWatch(_partitions, new IngestionMetrics(Meters), TimeProvider.System, logger);
        await AssertLoggedAsync(_bad.Keys.Control, logger, () => watch.PassAsync(Cancel));
    }

    [Fact]
    public async Task A_history_that_cannot_be_written_is_logged_once_and_again_after_it_worked()
    {
        var logger = new FakeLogger<StreamMonitor>();
        var activities = new Activities();
        using var monitor = new StreamMonitor(_partitions, new StreamMetrics(Meters), activities, TimeProvider.System, logger);
        await AssertLoggedAsync(_bad.Keys.History, logger, () =>
        {
            // Without them there is nothing to write.
            activities.Of(_bad.Name).Add(1, 0, 0);
            activities.Of(_good.Name).Add(1, 0, 0);
            return monitor.PassAsync(Cancel);
        });
    }

    private async Task AssertLoggedAsync<T>(RedisKey key, FakeLogger<T> logger, Func<Task> pass)
    {
        for (var failures = 1; failures <= 2; failures++)
        {
            await _bad.Database.KeyDeleteAsync(key);
            await pass();
            await _bad.Database.StringSetAsync(key, "of another type");
            for (var i = 0; i < Passes; i++)
                await pass();
            Assert.Equal(failures, logger.Collector.GetSnapshot().Count(line => line.Level >= LogLevel.Warning));
        }
    }
}
