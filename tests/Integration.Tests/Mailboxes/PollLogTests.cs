using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests the poller's log lines during outages.</summary>
public sealed class PollLogTests(TestServers servers)
{
    [Fact]
    public async Task A_Redis_outage_is_logged_at_its_start_and_end_and_fails_no_mailbox()
    {
        await using var partition = new TestPartition(servers);
        var processOptions = new RedisProcessOptions { AppendOnly = true, DataFolder = Path.Combine(partition.Folder, "redis") };
        await using var redis = await OwnRedisServer.StartAsync(processOptions);
        var settings = partition.PollingSettings();
        settings["Streams:ConnectionString"] = $"{redis.Options.Value.ConnectionString},syncTimeout=500,asyncTimeout=500";
        var host = await partition.StartHostAsync(
            settings,
            services => services.AddLogging(logging => logging.AddFakeLogging())
                .AddSingleton<Func<MailboxOptions, IMailbox>>(_ => _ => new ScriptedMailbox().Fill(1)));
        await UntilAsync(host, PollEnd.Complete);

        redis.Kill();
        for (var poll = 0; poll < 3; poll++)
            Assert.Equal(PollEnd.RedisAway, (await host.PollAsync()).End);
        await redis.StartAgainAsync();
        await UntilAsync(host, PollEnd.Complete);

        var lines = host.Services.GetFakeLogCollector().GetSnapshot().Where(line => line.Category == typeof(PollService).FullName)
            .ToArray();
        Assert.Single(lines, line => line.Message.StartsWith("Redis is not reachable", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Message.StartsWith("Redis is reachable again", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Message.Contains("failed", StringComparison.Ordinal) || line.Message.Length > 400);
    }

    [Fact]
    public async Task A_poll_that_is_cut_short_each_time_is_logged_once()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutBody = { 2 } }.Fill(1, 2);
        var host = await StartAsync(partition, mailbox);

        for (var poll = 0; poll < 3; poll++)
            Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);

        Assert.Single(Lines(host), line => line.Contains("cut short", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_error_of_a_mailbox_in_back_off_is_one_clean_line_with_the_end_time()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { Opening = () => throw new MailboxException($"No.\u001b[31m\r\n{new string('x', 5_000)}") };
        var host = await StartAsync(partition, mailbox);

        await host.PollAsync();
        var error = (await host.PollAsync()).Error!;

        Assert.InRange(error.Length, 400, 500);
        Assert.DoesNotContain(error, char.IsControl);
        Assert.Matches(
            @"^No\. x+ \(not polled until \d\d:\d\d:\d\d UTC after 2 failures\)$", await partition.ErrorAsync(partition.Mailbox()));
        Assert.Single(Lines(host), line => line.Contains("not polled until", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Lines(WebApplication host) =>
        host.Services.GetFakeLogCollector().GetSnapshot().Select(line => line.Message);

    private static Task<WebApplication> StartAsync(TestPartition partition, ScriptedMailbox mailbox) => partition.StartPollerAsync(
        null,
        services => services.AddLogging(logging => logging.AddFakeLogging()).AddSingleton<Func<MailboxOptions, IMailbox>>(_ => mailbox));

    private static Task UntilAsync(WebApplication host, PollEnd end) => Eventually.TrueAsync(
        async () => (await host.PollAllAsync()).Values.SingleOrDefault()?.End == end, $"a poll ends {end}");
}
