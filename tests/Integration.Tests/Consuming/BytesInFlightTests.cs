using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests consumers with emails of more bytes than they may have in work.</summary>
public sealed class BytesInFlightTests(TestServers servers)
{
    private const int MiB = 1024 * 1024;
    private const int Large = 12;
    private const int Small = 40;

    [Fact]
    public async Task Small_emails_continue_while_large_ones_wait_and_each_runs_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await AppendAsync(partition.Partition.Stream, 6 * MiB);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (running, most) = (0, 0);
        var script = new ProcessorScript(async (message, token) =>
        {
            if (message.Raw.Length < MiB)
                return;
            most = Math.Max(most, Interlocked.Increment(ref running));
            await gate.Task.WaitAsync(token);
            Interlocked.Decrement(ref running);
        });
        await partition.StartConsumerAsync(script, ("Consumer:MaxBytesInFlight", $"{8 * MiB}"));

        await Eventually.TrueAsync(() => script.Completed.Length == Small, "every small one is done");
        Assert.Equal(Small + 1, script.Runs.Length);
        gate.SetResult();

        await partition.DrainedAsync();
        Assert.Equal(1, most);
        Assert.Equal(Mails.UidRange(1, Large + Small), script.Runs);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task Partitions_of_one_process_share_the_byte_limit()
    {
        await using var first = await servers.PartitionWithMailAsync(0);
        await using var second = await servers.PartitionWithMailAsync(0);
        await AppendAsync(first.Partition.Stream, 2 * MiB);
        await AppendAsync(second.Partition.Stream, 2 * MiB);
        var (running, most) = (0L, 0L);
        var gate = new Lock();
        var script = new ProcessorScript(async (message, token) =>
        {
            lock (gate)
                most = Math.Max(most, running += message.Raw.Length);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
            lock (gate)
                running -= message.Raw.Length;
        });
        await first.StartConsumerAsync(script, ("Consumer:MaxBytesInFlight", $"{8 * MiB}"), ("Streams:Partitions:1", second.Name));

        await first.DrainedAsync();
        await second.DrainedAsync();
        Assert.Equal(2 * (Large + Small), script.Runs.Length);
        Assert.InRange(most, 1, 10 * MiB);
    }

    [Fact]
    public async Task Large_emails_of_a_killed_consumer_are_reclaimed_within_the_byte_limit()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await AppendAsync(partition.Partition.Stream, 6 * MiB);
        // Accepts connections and never answers, so posted emails stay in work.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        (string, string)[] settings =
            [("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"), ("Consumer:MaxBytesInFlight", $"{8 * MiB}")];
        using var doomed = ConsumerProcess.Start(
            partition,
            "doomed",
            [
                .. settings, ("Processing:Processor", "webhook"), ("Webhook:Secret", "0123456789abcdef0123456789abcdef"),
                ("Webhook:Timeout", "00:00:30"),
                ("Webhook:Url", $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/"),
            ]);
        await Eventually.TrueAsync(
            async () => (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream))
                .Count(line => line.Contains("doomed", StringComparison.Ordinal)) == 10,
            "its slots are full");

        doomed.Kill();
        using var heir = ConsumerProcess.Start(partition, "heir", settings);

        await partition.DrainedAsync();
        Assert.Equal(Large + Small, Directory.EnumerateFiles(partition.Archive, "*.eml", SearchOption.AllDirectories).Count());
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.False(heir.HasExited);
    }

    [Fact]
    public async Task A_process_with_little_memory_processes_emails_of_the_largest_size()
    {
        const int size = 49_000_000;
        await using var partition = new TestPartition(servers);
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await AppendAsync(redis.Partition.Stream, size);
        var settings = partition.Settings();
        settings["Streams:ConnectionString"] = redis.Options.Value.ConnectionString;
        settings["Streams:Partitions:0"] = null;
        settings["Consumer:Lease"] = "00:01:00";
        // 768 MiB.
        settings["DOTNET_GCHeapHardLimit"] = "30000000";
        var sent = await SentAsync(redis);
        await using var process = CommandProcess.Start(partition, settings, "consume");

        await Consumers.DrainedAsync(redis.Database, redis.Partition.Keys, TimeSpan.FromMinutes(5));

        Assert.Equal(Large + Small, await Consumers.ProcessedAsync(redis.Database, redis.Partition.Keys));
        Assert.Equal(Large + Small, Directory.EnumerateFiles(partition.Archive, "*.eml", SearchOption.AllDirectories).Count());
        Assert.Empty(await redis.Partition.DeadLetters.ListAsync(1_000, null, null, null, CancellationToken.None));
        // Each body is sent to a consumer about once.
        Assert.InRange(await SentAsync(redis) - sent, (long)Large * size, 2L * Large * size);
    }

    [Fact]
    public async Task Waiting_entries_are_not_read_again_while_nothing_fits()
    {
        const int size = 62_000;
        const int waiting = 100;
        await using var partition = new TestPartition(servers);
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Database.StreamCreateConsumerGroupAsync(partition.Keys.Stream, StreamKeys.Group, "0", createStream: true);
        foreach (var uid in Mails.UidRange(1, waiting + 20))
            await redis.Database.StreamAddAsync(
                partition.Keys.Stream, EntryCodec.Encode(Mails.Message(uid) with { Raw = Mail(uid, size) }));
        foreach (var entry in await redis.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "(retry)", ">", waiting))
        {
            await redis.Database.ExecuteAsync(
                "XCLAIM", partition.Keys.Stream, StreamKeys.Group, "(retry)", 0, entry.Id, "IDLE", 60_000, "RETRYCOUNT", 1, "JUSTID");
        }

        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new ProcessorScript((_, token) => gate.Task.WaitAsync(token));
        var settings = partition.Settings();
        settings["Streams:ConnectionString"] = redis.Options.Value.ConnectionString;
        await partition.StartConsumerAsync(
            settings, script, ("Consumer:MaxBytesInFlight", $"{MiB}"), ("Consumer:Concurrency", "100"), ("Consumer:BatchSize", "100"),
            ("Consumer:Lease", "00:01:00"));
        await Eventually.TrueAsync(() => script.Runs.Length > MiB / size - 2, "the bytes are in work");
        var (calls, passes) = (await CallsAsync(redis, "xrange"), await CallsAsync(redis, "xpending"));

        // A check is due every 200 ms. It used to be every 50 ms.
        var started = TimeProvider.System.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        var (callsNow, passesNow) = (await CallsAsync(redis, "xrange"), await CallsAsync(redis, "xpending"));
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;

        Assert.InRange((callsNow - calls) / seconds, 0, 8);
        Assert.InRange((passesNow - passes) / seconds, 0, 200);
        gate.SetResult();
        await Consumers.DrainedAsync(redis.Database, partition.Keys);
        Assert.Equal(waiting + 20, script.Runs.Length);
    }

    // Every third email is large until there are enough.
    private static async Task AppendAsync(EmailStream stream, int size)
    {
        var cursor = await Mails.StartAsync(stream);
        var large = 0;
        for (var uid = 1u; uid <= Large + Small; uid++)
        {
            var item = Mails.Item(uid);
            var isLarge = uid % 3 == 0 && large++ < Large;
            if (isLarge)
                item = item with { Message = item.Message with { Raw = Mail(uid, size) } };
            var appended = isLarge
                ? await stream.AppendLargeAsync(Mails.Mailbox, cursor, uid - 1, item, Mails.Window, CancellationToken.None)
                : await stream.AppendAsync(Mails.Mailbox, cursor, uid - 1, [item], Mails.Window, CancellationToken.None);
            Assert.Equal(AppendStatus.Complete, appended.Status);
        }
    }

    private static async Task<long> CallsAsync(OwnRedisServer redis, string command)
    {
        var line = (await redis.Multiplexer.GetServers()[0].InfoAsync("commandstats"))
            .SelectMany(group => group).FirstOrDefault(one => one.Key == $"cmdstat_{command}").Value;
        return line is null ? 0 : long.Parse(
            line["calls=".Length..line.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }

    private static byte[] Mail(uint uid, int size)
    {
        var raw = new byte[size];
        var header = System.Text.Encoding.ASCII.GetBytes(
            $"Subject: large {uid}\r\nFrom: sender@example.test\r\nContent-Type: application/octet-stream\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n");
        header.CopyTo(raw, 0);
        for (var i = header.Length; i < size; i++)
            raw[i] = (i % 78) switch { 76 => (byte)'\r', 77 => (byte)'\n', _ => (byte)'A' };
        return raw;
    }

    private static async Task<long> SentAsync(OwnRedisServer redis)
    {
        var server = redis.Multiplexer.GetServers()[0];
        var stats = (await server.InfoAsync("stats")).SelectMany(section => section).Single(value => value.Key == "total_net_output_bytes");
        return long.Parse(stats.Value, CultureInfo.InvariantCulture);
    }
}
