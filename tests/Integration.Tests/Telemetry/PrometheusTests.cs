using System.Collections.Concurrent;
using System.Security.Cryptography;
using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace EmailIngestion.Integration.Tests.Telemetry;

/// <summary>Tests that a real Prometheus scrapes all metrics of alerts and dashboard from a poller and two consumers.</summary>
public sealed class PrometheusTests(TestServers servers)
{
    private const string Folder = "Support";
    private const int LargeBytes = 200_000;

    [Fact]
    public async Task Every_metric_of_alerts_and_dashboard_comes_from_running_processes()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Each process has an address of 127.0.0.0/8 for itself, as pods have: only Linux answers on all of them.");
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(20), Folder);
        await using var receiver = await Receiver.StartAsync();
        var (host, port) = (Addresses(), MonitoringFiles.Port());
        await using var prometheus = await PrometheusProcess.StartAsync(
            partition.Folder, MonitoringFiles.Path(), host.ToDictionary(pod => pod.Key, pod => $"{pod.Value}:{port}"),
            MonitoringFiles.Rules());

        // The first consumer is paused in its work for longer than its lease. Its webhook never answers; the second consumer takes over.
        var inWork = 0;
        receiver.Answer = (context, _) =>
        {
            Interlocked.Increment(ref inWork);
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        await using var poller = Start("poller", "poll", "--poll-interval", "1");
        await using var sleeper = Start("sleeper", "consume", "--consumer", "sleeper", "--concurrency", "4");
        await Eventually.TrueAsync(() => inWork == 4, "four emails in work");
        await sleeper.SignalAsync("STOP");

        // One email fails each time, until it is a dead letter.
        var refused = new ConcurrentQueue<string>();
        receiver.Answer = (context, _) =>
        {
            var id = context.Request.Headers["Idempotency-Key"].ToString();
            if (refused.IsEmpty)
                refused.Enqueue(id);
            context.Response.StatusCode = refused.First() == id ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        };
        await using var worker = Start("worker", "consume", "--consumer", "worker", "--concurrency", "1");
        await Eventually.TrueAsync(
            async () => await partition.ReadSnapshotAsync() is { Lag: 0, Pending: 0, DeadLetters: 1 },
            "the second consumer has done all of it", TimeSpan.FromMinutes(3));
        await sleeper.SignalAsync("CONT");

        // The folder has a new epoch. Its emails are known already.
        await user.RecreateAsync(Folder);
        await user.AppendAsync(TestMail.Many(20), Folder);

        // The messages of two large emails are bodies in a store. One is deleted before a consumer reads it.
        await sleeper.SignalAsync("STOP");
        await worker.SignalAsync("STOP");
        await user.AppendAsync([Large(21), Large(22)], Folder);
        await Eventually.TrueAsync(
            async () => await partition.ReadSnapshotAsync() is { Lag: { } lag, Pending: var pending } && lag + pending == 2,
            "both are appended");
        // An append ends by writing the bodies again that were deleted meanwhile.
        await CountsAsync("sum(email_ingestion_emails_produced_total{pod='poller'})", 22);
        var bodies = Directory.GetFiles(Bodies(partition), "*", SearchOption.AllDirectories);
        File.Delete(bodies.First(file => new FileInfo(file).Length >= LargeBytes));
        await worker.SignalAsync("CONT");
        await sleeper.SignalAsync("CONT");

        var missing = MonitoringFiles.Metrics().ToList();
        Assert.True(missing.Count > 15);
        var started = TimeProvider.System.GetTimestamp();
        while (missing.Count > 0 && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(120))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, TestContext.Current.CancellationToken);
            foreach (var name in missing.ToArray())
            {
                if ((await prometheus.QueryAsync(name)).Length > 0)
                    missing.Remove(name);
            }
        }

        Assert.Empty(missing);
        foreach (var expression in MonitoringFiles.DashboardExpressions())
            await prometheus.QueryAsync(expression);
        var rules = new Dictionary<string, string>();
        await Eventually.TrueAsync(
            async () => (rules = await prometheus.RulesAsync()).Count > 10 && !rules.ContainsValue("unknown"), "every rule was evaluated");
        Assert.All(rules, rule => Assert.Equal("ok", rule.Value));

        // The counters show what happened, by process.
        await CountsAsync("sum(email_ingestion_emails_processed_total)", 20);
        await CountsAsync("sum(email_ingestion_dlq_messages_total{pod='worker',reason='max-deliveries'})", 1);
        await CountsAsync("sum(email_ingestion_leases_lost_total{pod='sleeper'})", 4);
        await CountsAsync("sum(email_ingestion_duplicates_total{pod='poller',where='append'})", 20);

        CommandProcess Start(string pod, params string[] arguments) =>
            CommandProcess.Start(partition, Settings(partition, receiver, host[pod], port), arguments);

        // The last scrape may be older than the expected value.
        Task CountsAsync(string expression, int count) => Eventually.TrueAsync(
            async () => await prometheus.QueryAsync(expression) is [var series] && series.GetProperty("value")[1].GetString() == $"{count}",
            $"{expression} is {count}");
    }

    private static LocalSettings Settings(TestPartition partition, Receiver receiver, string address, string port)
    {
        var settings = partition.Settings();
        partition.AddMailbox(settings, Folder);
        // No login works here.
        partition.AddMailbox(settings, Folder, index: 1);
        settings["Mailboxes:1:Username"] = $"nobody-{partition.User}";
        settings["Telemetry:PrometheusHost"] = address;
        settings["Telemetry:PrometheusPort"] = port;
        settings["Consumer:MaxDeliveries"] = "3";
        // Only the sleeper's lease may expire, however busy the machine is.
        settings["Consumer:Lease"] = "00:00:08";
        settings["Processing:Processor"] = "webhook";
        settings["Processing:Retries"] = "0";
        settings["Webhook:Url"] = receiver.Url;
        settings["Webhook:Secret"] = "a secret of twenty-four or more";
        // The server refuses this name.
        settings["Mailboxes:0:AfterProcessing"] = "Move:../Failed";
        settings["Polling:FollowUpDelay"] = "00:00:00";
        settings["Bodies:Store"] = "Folder";
        settings["Bodies:Folder"] = Bodies(partition);
        return settings;
    }

    private static string Bodies(TestPartition partition) => Path.Combine(partition.Folder, "bodies");

    private static byte[] Large(int number) => TestMail.Of(number, new string('x', LargeBytes));

    // Each process has its own address, like a pod, so that all use the port of the manifests. The addresses belong to this machine and to
    // this run only.
    private static Dictionary<string, string> Addresses()
    {
        var (second, third) = (RandomNumberGenerator.GetInt32(1, 255), RandomNumberGenerator.GetInt32(1, 255));
        return new()
        {
            ["poller"] = $"127.{second}.{third}.1",
            ["sleeper"] = $"127.{second}.{third}.2",
            ["worker"] = $"127.{second}.{third}.3",
        };
    }
}
