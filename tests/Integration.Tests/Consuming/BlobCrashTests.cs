using Azure.Storage.Blobs;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Processing.Archiving;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Kills a real consumer with SIGKILL after it has uploaded the messages and before it uploads their summaries.</summary>
public sealed class BlobCrashTests(TestServers servers, Azurite azurite, NodePackages packages)
{
    private const int Emails = 20;

    [Fact]
    public async Task A_consumer_killed_between_two_blobs_leaves_no_email_half_archived()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var container = await server.CreateContainerAsync(TestContext.Current.CancellationToken);
        await using var partition = await servers.PartitionWithMailAsync(Emails);
        using var relay = new StallingRelay(server.Port, ".json");
        using var doomed = Start(partition, "doomed", server.ConnectionString(relay.Port), container.Name);
        await relay.Stalled.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(
            async () => (await NamesAsync(container)).Any(name => name.EndsWith(".eml", StringComparison.Ordinal)), "a message is there");

        doomed.Kill();
        Assert.DoesNotContain(await NamesAsync(container), name => name.EndsWith(".json", StringComparison.Ordinal));
        using var heir = Start(partition, "heir", server.ConnectionString(), container.Name);

        await partition.DrainedAsync();
        var messages = Mails.UidRange(1, Emails).Select(uid => Mails.Message(uid)).ToArray();
        Assert.Equal(
            messages.Select(message => $"{Path(message)}.eml").Concat(messages.Select(message => $"{Path(message)}.json"))
                .Append(BlobArchive.ProbeName)
                .Order(StringComparer.Ordinal),
            await NamesAsync(container));
        foreach (var message in messages)
        {
            var blob = container.GetBlobClient($"{Path(message)}.eml");
            var content = await blob.DownloadContentAsync(TestContext.Current.CancellationToken);
            Assert.Equal(message.Raw.ToArray(), content.Value.Content.ToArray());
        }

        Assert.Equal(Emails, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    private static string Path(EmailMessage message) => $"{message.Date.UtcDateTime:yyyy'/'MM'/'dd}/{message.Id}";

    private static ConsumerProcess Start(TestPartition partition, string name, string connectionString, string container) =>
        ConsumerProcess.Start(
            partition,
            name,
            ("Archive:Folder", ""), ("Archive:Container", container), ("Archive:ConnectionString", connectionString),
            ("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"));

    private static async Task<string[]> NamesAsync(BlobContainerClient container)
    {
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken))
            names.Add(blob.Name);
        return [.. names.Order(StringComparer.Ordinal)];
    }
}
