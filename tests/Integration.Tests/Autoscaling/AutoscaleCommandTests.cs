using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>The command as people start it.</summary>
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
            ["autoscale", "--scaled-object", manifest, "--min", "0", "--speed", $"{TestScaledObject.Speed}", .. ConsumerSettings.Write(partition, receiver)]);
        await Eventually.TrueAsync(() => receiver.Emails > 20, "emails processed");
        await run.SignalAsync(signal);

        var (code, lines, _) = await run.EndAsync();
        Assert.Equal(0, code);
        Assert.Contains("lag ", lines, StringComparison.Ordinal);
        Assert.EndsWith("Stopped.\n", lines, StringComparison.Ordinal);
        // No escape sequences where no terminal is.
        Assert.DoesNotContain('\e', lines);
        // Every consumer has drained: what was begun is settled, and what it had only just been given is given back uncounted.
        var look = await partition.Partition.Inspector.ReadSnapshotAsync(details: true, CancellationToken.None);
        Assert.Equal(500, receiver.Emails + look.Lag + look.Pending);
        Assert.All(await ReleasedAsync(partition), pending => Assert.Equal((0, true), (pending.DeliveryCount, pending.IdleTimeInMilliseconds >= 8_000)));
        // They are gone, and only the name is left under which waits what was given back.
        Assert.All(look.Consumers, consumer => Assert.Equal(ConsumerGroup.Waiting, consumer.Name));
    }

    [Fact]
    public async Task A_manifest_that_is_not_there_is_one_line()
    {
        using var run = ProgramRun.Start(Program, "autoscale", "--scaled-object", "nowhere.yaml");
        var (code, _, error) = await run.EndAsync();
        Assert.Equal(1, code);
        Assert.StartsWith("Settings: --scaled-object: ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task<StreamPendingMessageInfo[]> ReleasedAsync(TestPartition partition) =>
        await partition.Database.StreamPendingMessagesAsync(partition.Keys.Stream, StreamKeys.Group, 1_000, RedisValue.Null);
}
