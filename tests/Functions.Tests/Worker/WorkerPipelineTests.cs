using System.Net;
using System.Net.Sockets;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Functions.Tests.Worker.Messages;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>The real worker process under a small host polls, consumes, logs and stops.</summary>
public sealed class WorkerPipelineTests(TestRedis redis)
{
    // A host ends a worker five seconds after the request to stop, so the worker's grace time is 3 s. A slow machine needs longer for the
    // rest. Without the host's default the grace time would be 20 s.
    private static readonly TimeSpan HostWaits = TimeSpan.FromSeconds(18);

    private static readonly string[] Noise = ["Polly[", "System.Net.Http.HttpClient", "Microsoft.AspNetCore"];

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_poll_appends_and_the_consumer_archives()
    {
        using var folder = new TemporaryFolder();
        var partition = Partition();
        await using var mailbox = await DemoMailbox.StartAsync(5, null, TimeProvider.System, Cancel);
        await using var host = await WorkerHost.StartAsync(
        [
            .. WorkerSettings.For(redis, partition, folder),
            .. WorkerSettings.Mailbox(partition, mailbox),
        ]);

        Assert.Equal(StatusResult.Types.Status.Success, (await host.FireAsync("PollMailboxes")).Status);
        // Five emails, and the one that only the demo's processor refuses.
        await Eventually.TrueAsync(() => Archived(folder) == 6, "six emails are archived");
        Assert.Equal(0, await StopAsync(host));

        Assert.Single(host.Output, line => line.Contains("reads email_ingestion_stream", StringComparison.Ordinal));
        Assert.Single(host.Output, line => line.Contains("stopped reading email_ingestion_stream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_releases_deliveries_uncounted_and_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var local = await TestHost.StartAsync(redis.ConnectionString);
        await local.AppendAsync(1, "Subject: one\r\n\r\n"u8.ToArray());
        await local.AppendAsync(2, "Subject: two\r\n\r\n"u8.ToArray());
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        // This server accepts connections and does not answer.
        receiver.Start();
        await using var host = await WorkerHost.StartAsync(
        [
            .. WorkerSettings.For(redis, local.Partition.Name, folder),
            ("Processing:Processor", "webhook"),
            ("Webhook:Url", $"http://{receiver.LocalEndpoint}/"),
            ("Webhook:Secret", "a secret of twenty-four bytes"),
            ("Webhook:Timeout", "00:00:25"),
        ]);
        var database = await local.RedisAsync();
        await Eventually.TrueAsync(
            async () => (await database.StreamPendingAsync(local.Keys.Stream, StreamKeys.Group)).PendingMessageCount == 2,
            () => "both are delivered");

        Assert.Equal(0, await StopAsync(host));

        var pending = await database.StreamPendingMessagesAsync(local.Keys.Stream, StreamKeys.Group, 10, default);
        Assert.Equal([("(retry)", 0), ("(retry)", 0)], pending.Select(entry => (entry.ConsumerName.ToString(), entry.DeliveryCount)));
        Assert.Single(host.Output, line => line.Contains("stopped reading email_ingestion_stream", StringComparison.Ordinal));
        AssertNoNoise(host);
    }

    [Fact]
    public async Task A_warning_inside_a_poll_is_one_line()
    {
        using var folder = new TemporaryFolder();
        var partition = Partition();
        await using var host = await WorkerHost.StartAsync(
        [
            .. WorkerSettings.For(redis, partition, folder),
            .. WorkerSettings.Mailbox(partition, "127.0.0.1", ClosedPort()),
            ("Consumer:Enabled", "false"),
        ]);

        await host.FireAsync("PollMailboxes");
        await Eventually.TrueAsync(() => Failures(host) > 0, "the failure is logged");
        Assert.Equal(0, await StopAsync(host));

        Assert.Equal(1, Failures(host));
        Assert.Contains(host.Worker.Lines, line => IsFailure(line) && TimeOnly.TryParse(line.Split(' ')[0], out _));
        AssertNoNoise(host);
    }

    [Fact]
    public async Task No_key_is_written()
    {
        using var folder = new TemporaryFolder();
        await using var host = await WorkerHost.StartAsync(
            [.. WorkerSettings.For(redis, Partition(), folder), ("Consumer:Enabled", "false")]);
        foreach (var path in new[] { "status", "dlq", "dlq/1-0", "dlq/1-0/raw", "health/ready", "health/live" })
            (await host.SendAsync(HttpMethod.Get, $"{path}?code=TheKey")).Dispose();
        (await host.SendAsync(HttpMethod.Post, "dlq/1-0/replay?code=TheKey")).Dispose();
        (await host.SendAsync(HttpMethod.Delete, "dlq/1-0?code=TheKey")).Dispose();
        Assert.Equal(0, await StopAsync(host));

        Assert.DoesNotContain(host.Output, line => line.Contains("TheKey", StringComparison.Ordinal));
        AssertNoNoise(host);
    }

    [Fact]
    public async Task A_worker_started_again_after_a_kill_says_that_it_takes_over()
    {
        using var folder = new TemporaryFolder();
        await using var local = await TestHost.StartAsync(redis.ConnectionString);
        await using var killed = local.Partition.Join("worker_01", TimeSpan.FromMinutes(1), "killed");
        await killed.AcquireNameAsync(TimeSpan.FromSeconds(10), Cancel);
        await using var host = await WorkerHost.StartAsync(
            [.. WorkerSettings.For(redis, local.Partition.Name, folder), ("Consumer:Name", "worker_01")]);
        // The state after a kill: the name is taken until its lease ends, and no process renews it.
        await Eventually.TrueAsync(
            async () => await killed.AcquireNameAsync(TimeSpan.FromSeconds(3), Cancel)
                && host.Output.Any(line => line.Contains("is still in use", StringComparison.Ordinal)),
            () => "it waits for the name");

        await Eventually.TrueAsync(
            () => host.Output.Any(line => line.Contains("reads email_ingestion_stream", StringComparison.Ordinal)), "it reads");
        var takesOver = Assert.Single(host.Output, line => line.Contains("Took over", StringComparison.Ordinal));
        Assert.Contains("name worker_01", takesOver, StringComparison.Ordinal);
    }

    private static async Task<int> StopAsync(WorkerHost host)
    {
        host.Terminate();
        return await host.Worker.EndAsync(HostWaits);
    }

    private static void AssertNoNoise(WorkerHost host) => Assert.DoesNotContain(
        host.Output,
        line => Noise.Any(category => line.Contains(category, StringComparison.Ordinal)));

    private static int Failures(WorkerHost host) => host.Output.Count(IsFailure);

    private static bool IsFailure(string line) => line.Contains("the poll failed", StringComparison.Ordinal);

    private static int Archived(TemporaryFolder folder)
    {
        var archive = Path.Combine(folder.Path, "archive");
        return Directory.Exists(archive) ? Directory.GetFiles(archive, "*.json", SearchOption.AllDirectories).Length : 0;
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Partition() => $"t{Guid.NewGuid():N}";
}
