using EmailIngestion.Integration.Tests.Support;
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

    private static async Task<IReadOnlyList<string>> NamesAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        return [.. (await partition.Partition.Inspector.ReadSnapshotAsync(
            details: true, CancellationToken.None)).Consumers.Select(consumer => consumer.Name)];
    }
}
