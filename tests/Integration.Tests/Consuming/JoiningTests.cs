using System.Diagnostics.Metrics;
using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class JoiningTests(TestServers servers)
{
    [Fact]
    public async Task A_consumer_registers_before_its_first_read_and_unregisters_on_stop()
    {
        await using var partition = new TestPartition(servers);
        var settings = partition.Settings();
        settings["Consumer:Name"] = "worker_02";
        var host = await partition.StartHostAsync(settings);

        await Eventually.TrueAsync(
            async () => (await NamesAsync(partition)).Any(name => name.StartsWith("worker_02#", StringComparison.Ordinal)),
            "the consumer is known");
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Empty(await NamesAsync(partition));
    }

    // The process is ready after it.
    [Fact]
    public async Task The_first_read_of_a_consumer_does_not_wait_for_entries()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var options = new ConsumerOptions { BlockTimeout = TimeSpan.FromMinutes(30), ReclaimInterval = TimeSpan.FromHours(1) };
        await using var member = new Membership(
            partition.Partition.Join("one", options.Lease), partition.Partition.Stream, partition.Partition.Control, options.Lease,
            TimeProvider.System);
        var source = new DeliverySource(
            member, new IngestionMetrics(services.GetRequiredService<IMeterFactory>()), options, TimeProvider.System, NullLogger.Instance);

        Assert.Empty(await source.FetchAsync(1, testing: false, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        return [.. (await partition.Partition.Inspector.ReadSnapshotAsync(
            details: true, CancellationToken.None)).Consumers.Select(consumer => consumer.Name)];
    }
}
