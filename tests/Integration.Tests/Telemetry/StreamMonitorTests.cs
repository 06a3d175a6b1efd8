using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Telemetry;

/// <summary>Tests the stream monitor when Redis always refuses one command.</summary>
public sealed class StreamMonitorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_that_Redis_refuses_is_logged_once_and_other_gauges_continue()
    {
        await using var redis = await OwnRedisServer.StartAsync(new());
        await redis.Database.ExecuteAsync("ACL", "SETUSER", "consumer", "on", ">secret", "~*", "&*", "+@all", "-hdel");
        var options = Options.Create(
            new StreamOptions { ConnectionString = $"{redis.Options.Value.ConnectionString},user=consumer,password=secret" });
        await using var connection = StreamConnection.Create(options);
        var partitions = new StreamPartitions(connection, options, TimeProvider.System);
        await partitions.Get("").Stream.EnsureGroupAsync(Cancel);
        await redis.Database.HashSetAsync(partitions.Get("").Keys.Vanished, "count", 3);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var depth = new MetricCollector<double>(meters, TelemetryNames.Meter, "email_ingestion_stream_depth");
        var logger = new FakeLogger<StreamMonitor>();
        using var monitor = new StreamMonitor(
            partitions, new StreamMetrics(meters), new Activities(), TimeProvider.System, logger);

        for (var pass = 0; pass < 3; pass++)
            await monitor.PassAsync(Cancel);

        depth.RecordObservableInstruments();
        Assert.Equal(0, Assert.Single(depth.GetMeasurementSnapshot()).Value);
        var line = Assert.Single(logger.Collector.GetSnapshot(), line => line.Level >= LogLevel.Warning);
        Assert.Contains("hdel", line.Message, StringComparison.OrdinalIgnoreCase);
    }
}
