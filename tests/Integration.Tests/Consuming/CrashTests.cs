using System.Net;
using System.Net.Sockets;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Kills a real consumer process with SIGKILL. Another consumer takes over its deliveries.</summary>
public sealed class CrashTests(TestServers servers)
{
    private static readonly (string, string)[] Quick = [("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300")];

    [Fact]
    public async Task Deliveries_of_a_killed_consumer_are_reclaimed_and_archived_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(40);
        // Accepts connections and never answers, so posted emails stay in work.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var doomed = ConsumerProcess.Start(
            partition,
            "doomed",
            [
                .. Quick, ("Processing:Processor", "webhook"), ("Webhook:Secret", "0123456789abcdef01234567"),
                ("Webhook:Timeout", "00:00:30"),
                ("Webhook:Url", $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/"),
            ]);
        await Eventually.TrueAsync(
            async () => (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Length == 10, "ten emails are in work");
        Assert.All(
            await RedisState.PendingAsync(partition.Database, partition.Keys.Stream),
            line => Assert.Matches(" doomed#[0-9a-f]{8} 1$", line));

        doomed.Kill();
        using var heir = ConsumerProcess.Start(partition, "heir", Quick);

        await AssertAllArchivedAsync(partition, 40);
        Assert.False(heir.HasExited);
    }

    [Fact]
    public async Task A_killed_consumer_loses_nothing_and_archives_nothing_twice()
    {
        await using var partition = await servers.PartitionWithMailAsync(1_000);
        using var doomed = ConsumerProcess.Start(partition, "doomed", Quick);
        await Eventually.TrueAsync(() => Archived(partition, "*.json").Length > 100, "it is at work");

        doomed.Kill();
        Assert.InRange(Archived(partition, "*.json").Length, 100, 999);
        using var heir = ConsumerProcess.Start(partition, "heir", Quick);

        await AssertAllArchivedAsync(partition, 1_000);
    }

    private static async Task AssertAllArchivedAsync(TestPartition partition, int count)
    {
        await partition.DrainedAsync();
        Assert.Equal(
            Mails.UidRange(1, (uint)count).Select(uid => $"{Mails.Message(uid).Id}.json").Order(StringComparer.Ordinal),
            Archived(partition, "*.json").Order(StringComparer.Ordinal));
        Assert.Equal(count, Archived(partition, "*.eml").Length);
        Assert.Equal(count, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    private static string[] Archived(TestPartition partition, string pattern) =>
        Directory.Exists(partition.Archive)
            ? [.. Directory.EnumerateFiles(partition.Archive, pattern, SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!)]
            : [];
}
