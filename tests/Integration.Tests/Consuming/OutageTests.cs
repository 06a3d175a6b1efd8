using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class OutageTests(TestServers servers)
{
    [Fact]
    public async Task A_stream_deleted_under_a_consumer_is_created_and_read_again()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(script);
        await partition.DrainedAsync();
        var cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;

        await partition.Database.KeyDeleteAsync(partition.Keys.Stream);
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 3, Mails.Items(4, 8), Mails.Window, CancellationToken.None);

        await Eventually.TrueAsync(() => script.Runs.Length == 8, "what was appended afterwards is processed");
        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 8), script.Runs);
        Assert.Equal(8, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    [Fact]
    public async Task A_group_deleted_under_a_consumer_is_created_and_no_email_runs_twice()
    {
        await using var partition = await servers.PartitionWithMailAsync(50);
        var script = new ProcessorScript((_, token) => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, token));
        await partition.StartConsumerAsync(script, ("Consumer:Concurrency", "2"));
        await Eventually.TrueAsync(() => script.Completed.Length >= 10, "some are done");

        await partition.Database.StreamDeleteConsumerGroupAsync(partition.Keys.Stream, StreamKeys.Group);

        await Eventually.TrueAsync(() => script.Completed.Distinct().Count() == 50, "all are done");
        await partition.DrainedAsync();
        // The new group starts at the first entry, and the processed IDs prevent repeats. Only work that could not be settled runs again.
        Assert.InRange(script.Runs.Length, 50, 52);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task A_restart_of_a_killed_Redis_loses_nothing()
    {
        await using var partition = new TestPartition(servers);
        await using var redis = await OwnRedisServer.StartAsync(
            new RedisProcessOptions { AppendOnly = true, DataFolder = Path.Combine(partition.Folder, "redis") });
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await Mails.AppendAsync(redis.Partition.Stream, 400);
        var script = new ProcessorScript((_, token) => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, token));
        var host = await partition.StartConsumerAsync(Elsewhere(partition, redis), script);
        await Eventually.TrueAsync(() => script.Completed.Length >= 100, "some are done");

        await redis.CrashAndRestartAsync();

        await Consumers.DrainedAsync(redis.Database, redis.Partition.Keys);
        Assert.Equal(Mails.UidRange(1, 400), script.Completed.Distinct());
        Assert.Equal(400, await Consumers.ProcessedAsync(redis.Database, redis.Partition.Keys));
        Assert.Equal(0, await redis.Database.StreamLengthAsync(redis.Partition.Keys.DeadLetters));
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await RedisState.ConsumersAsync(redis.Database, redis.Partition.Keys.Stream));
    }

    [Fact]
    public async Task Work_done_during_a_long_outage_is_settled_later_and_not_repeated()
    {
        await using var partition = new TestPartition(servers);
        await using var redis = await OwnRedisServer.StartAsync(
            new RedisProcessOptions
            {
                AppendOnly = true,
                DataFolder = Path.Combine(partition.Folder, "redis"),
                ExtraArguments = ["--appendfsync", "always"],
            });
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await Mails.AppendAsync(redis.Partition.Stream, 10);
        var gate = new TaskCompletionSource();
        var script = new ProcessorScript((_, _) => gate.Task);
        await partition.StartConsumerAsync(
            Elsewhere(partition, redis), script, ("Consumer:Lease", "00:00:08"), ("Consumer:LeaseRenewal", "00:00:01"));
        await Eventually.TrueAsync(() => script.Runs.Length == 10, "all are in work");

        // Longer than the lease and than one round of retries.
        var crash = redis.CrashAndRestartAsync(TimeSpan.FromSeconds(24));
        gate.SetResult();
        await crash;

        await Consumers.DrainedAsync(redis.Database, redis.Partition.Keys);
        Assert.Equal(Mails.UidRange(1, 10), script.Runs);
        Assert.Equal(10, await Consumers.ProcessedAsync(redis.Database, redis.Partition.Keys));
    }

    [Fact]
    public async Task A_consumer_that_starts_before_Redis_waits_for_it()
    {
        await using var partition = new TestPartition(servers);
        var port = Loopback.FreePort();
        var settings = Elsewhere(partition, $"127.0.0.1:{port}");
        var script = new ProcessorScript(Consumers.Completes);
        var host = await partition.StartConsumerAsync(settings, script);

        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions { Port = port });
        await Mails.AppendAsync(redis.Partition.Stream, 5);

        await Eventually.TrueAsync(() => script.Completed.Length == 5, "all are done");
        await Consumers.DrainedAsync(redis.Database, redis.Partition.Keys);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static LocalSettings Elsewhere(TestPartition partition, OwnRedisServer redis) =>
        Elsewhere(partition, redis.Options.Value.ConnectionString);

    // The unnamed partition of that server.
    private static LocalSettings Elsewhere(TestPartition partition, string connection)
    {
        var settings = new LocalSettings();
        foreach (var (name, value) in partition.Settings().Values.Where(
            setting => !setting.Key.StartsWith("Streams:", StringComparison.Ordinal)))
            settings[name] = value;
        settings["Streams:ConnectionString"] = connection;
        return settings;
    }
}
