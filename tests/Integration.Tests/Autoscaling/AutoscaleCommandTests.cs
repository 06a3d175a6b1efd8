using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Tests the autoscale command as people start it.</summary>
public sealed class AutoscaleCommandTests(TestServers servers)
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, typeof(LocalHost).Assembly.GetName().Name!);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_it_and_every_consumer_that_it_started(string signal)
    {
        await using var partition = new TestPartition(servers);
        await using var receiver = await SlowReceiver.StartAsync(TimeSpan.FromMilliseconds(300));
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 500);
        var manifest = Path.Combine(partition.Folder, "scaledobject.yaml");
        await File.WriteAllTextAsync(manifest, TestScaledObject.Yaml(partition), CancellationToken.None);

        using var run = ProgramRun.Start(
            Program,
            [
                "autoscale", "--scaled-object", manifest, "--min", "0", "--speed", $"{TestScaledObject.Speed}",
                .. ConsumerSettings.Write(partition, receiver),
            ]);
        await Eventually.TrueAsync(() => receiver.Emails > 20, "emails processed");
        await run.SignalAsync(signal);

        var (code, lines, _) = await run.EndAsync();
        Assert.Equal(0, code);
        Assert.Contains("lag ", lines, StringComparison.Ordinal);
        Assert.EndsWith("Stopped.\n", lines, StringComparison.Ordinal);
        // No escape sequences without a terminal.
        Assert.DoesNotContain('\e', lines);
        // Every consumer has drained: started work is settled, and deliveries that were not started are released uncounted.
        var snapshot = await partition.Partition.Inspector.ReadSnapshotAsync(details: true, CancellationToken.None);
        Assert.Equal(500, receiver.Emails + snapshot.Lag + snapshot.Pending);
        Assert.All(
            await ReleasedAsync(partition),
            pending => Assert.Equal((0, true), (pending.DeliveryCount, pending.IdleTimeInMilliseconds >= 8_000)));
        // The consumers are gone. Only the name of the released deliveries is left.
        Assert.All(snapshot.Consumers, consumer => Assert.Equal(ConsumerGroup.Waiting, consumer.Name));
    }

    [Fact]
    public async Task A_missing_manifest_is_one_line()
    {
        using var run = ProgramRun.Start(Program, "autoscale", "--scaled-object", "nowhere.yaml");
        var (code, _, error) = await run.EndAsync();
        Assert.Equal(1, code);
        Assert.StartsWith(
            "Settings: --scaled-object: ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    private static async Task<StreamPendingMessageInfo[]> ReleasedAsync(TestPartition partition) =>
        await partition.Database.StreamPendingMessagesAsync(partition.Keys.Stream, StreamKeys.Group, 1_000, RedisValue.Null);
}
