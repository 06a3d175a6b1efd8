using EmailIngestion.Consuming;
using EmailIngestion.Health;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Polly.Registry;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>
/// Tests the maintenance of a consumer when Redis always refuses one command. Redis's command statistics show which steps ran.
/// </summary>
public sealed class ConsumerMaintenanceTests(TestServers servers)
{
    // One command of each step: leases, name, trimming, sweeping, reaping.
    private static readonly string[] Steps = ["xclaim", "set", "xtrim", "xdel", "xinfo|consumers"];

    [Theory]
    [InlineData("")]
    [InlineData("xclaim")]
    [InlineData("set")]
    [InlineData("xtrim")]
    [InlineData("xdel")]
    [InlineData("xinfo|consumers")]
    public async Task A_step_that_always_fails_does_not_stop_the_other_steps(string denied)
    {
        await using var redis = await OwnRedisServer.StartAsync(new());
        await redis.Database.ExecuteAsync("ACL", "SETUSER", "consumer", "on", ">secret", "~*", "&*", "+@all");
        await using var partition = await servers.PartitionWithMailAsync(0);
        var services =
            (await partition.StartConsumerAsync(new ProcessorScript(Consumers.Completes), ("Consumer:Enabled", "false"))).Services;
        var streams = Options.Create(
            new StreamOptions
            {
                ConnectionString = $"{redis.Options.Value.ConnectionString},user=consumer,password=secret",
                MaxStreamLength = 100,
            });
        await using var connection = StreamConnection.Create(streams);
        var own = new StreamPartition("", connection, streams, TimeProvider.System);
        await own.Stream.EnsureGroupAsync(Cancel);
        var (time, logger) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), new FakeLogger());
        var options = new ConsumerOptions { Lease = TimeSpan.FromHours(1) };
        var pipelines = services.GetRequiredService<ResiliencePipelineProvider<string>>();
        var group = own.Join("kept", options.Lease);
        var member = new Membership(group, own.Stream, own.Control, options.Lease, time);
        await using var consumer = new PartitionConsumer(
            member, new DeliverySource(member, services.GetRequiredService<IngestionMetrics>(), options, time, logger),
            services.GetRequiredService<DeliveryExecutor>(),
            new Settler(group, own.DeadLetters, options, pipelines, TimeProvider.System),
            services.GetRequiredService<ExclusiveRuns>(), options, time);
        var maintenance = new ConsumerMaintenance(member, consumer, options, services.GetRequiredService<ProcessExit>(), time, logger);
        Assert.True(await maintenance.TakeNameAsync(Cancel));
        // The first email is in work, and the settled ones lie above it.
        await Mails.AppendAsync(own.Stream, 90);
        var deliveries = await group.Reader.ReadAsync(90, TimeSpan.FromSeconds(1), Cancel);
        await group.SettleAsync([.. deliveries.Skip(1)], Cancel);
        member.Leases.Add(new Lease(deliveries[0], options.Lease, time));
        if (denied.Length > 0)
            await redis.Database.ExecuteAsync("ACL", "SETUSER", "consumer", $"-{denied}");
        await redis.Database.ExecuteAsync("CONFIG", "RESETSTAT");

        for (var pass = 0; pass < 2; pass++)
        {
            time.Advance(TimeSpan.FromMinutes(2));
            Assert.Equal(denied.Length == 0, await maintenance.PassAsync(Cancel));
        }

        var stats = (string)(await redis.Database.ExecuteAsync("INFO", "commandstats"))!;
        Assert.Equal(
            Steps.Where(step => step != denied),
            Steps.Where(
                step => stats.Contains($"cmdstat_{step}:calls=", StringComparison.Ordinal) && !stats.Contains(
                    $"cmdstat_{step}:calls=0,", StringComparison.Ordinal)));
        // Logged once, not at each pass.
        Assert.Equal(denied.Length == 0 ? 0 : 1, logger.Collector.GetSnapshot().Count(line => line.Level == LogLevel.Warning));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
