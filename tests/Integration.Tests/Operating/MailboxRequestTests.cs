using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Control;
using EmailIngestion.Operations.Status;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operating;

/// <summary>Passes over a UID, and reads the status of processes at work.</summary>
public sealed class MailboxRequestTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_uid_that_stops_polls_is_passed_over_with_a_dead_letter_that_says_who()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutBody = { 3 } }.Fill(1, 2, 3, 4, 5);
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Polling:FetchAttempts"] = "100");
        Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);
        var name = host.Services.GetRequiredService<PolledMailboxes>().All[0].Name;
        var control = host.Services.GetRequiredService<IngestionControl>().Of(
            host.Services.GetRequiredService<StreamPartitions>().Get(partition.Name));
        // Only the UID before which polls stop.
        Assert.False(await control.ForgetAsync(name, 4, "ops", Cancel));
        Assert.True(await control.ForgetAsync(name, 3, "ops", Cancel));

        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 4, "the others are appended");
        Assert.Equal([1u, 2, 4, 5], (await partition.EmailsAsync()).Select(email => email.Uid));
        var deadLetter = Assert.Single(await Consumers.DeadLettersAsync(partition));
        Assert.Equal((3u, "fetch-failed"), (deadLetter.Uid, deadLetter.Reason));
        Assert.Equal("Polls stopped before UID 3, and ops had it passed over.", deadLetter.ErrorMessage);
        Assert.False(await control.ForgetAsync(name, 3, "ops", Cancel));
    }

    [Fact]
    public async Task A_poll_is_reported_with_uidnext_and_what_is_behind()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync([.. TestMail.Many(3)]);
        var host = await partition.StartPollerAsync();
        await host.PollAsync();
        var report = await StatusAsync(host.Services, partition);
        var mailbox = Assert.Single(report.Snapshot.Mailboxes);
        Assert.Equal((4u, 0L, 3L, 1L), (mailbox.UidNext, mailbox.Behind, mailbox.LastAppended, mailbox.PollsInHour));
        Assert.Equal("waiting", Assert.Single(report.Mailboxes).State);
        Assert.Contains("poller", host.Services.GetRequiredService<IngestionStatus>().Roles);
    }

    [Fact]
    public async Task Emails_in_work_are_shown_with_their_age_and_then_as_latency()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        using var gate = new SemaphoreSlim(0);
        var script = new ProcessorScript((_, token) => gate.WaitAsync(token));
        var host = await partition.StartConsumerAsync(script);
        await Eventually.TrueAsync(() => script.Runs.Length == 3, "three are in work");
        var report = await StatusAsync(host.Services, partition);
        Assert.Equal([1u, 2, 3], report.InFlight.Select(email => email.Uid!.Value).Order().ToArray());
        Assert.All(report.InFlight, email => Assert.Equal(
            (Mails.Mailbox, 1, true), (email.Mailbox, email.DeliveryCount, email.StartedAgoSeconds >= 0)));
        Assert.Null(report.Latency.Processing);

        gate.Release(3);
        await partition.DrainedAsync();
        report = await StatusAsync(host.Services, partition);
        Assert.Empty(report.InFlight);
        await Eventually.TrueAsync(
            async () =>
            {
                report = await StatusAsync(host.Services, partition);
                return report.History.Sum(minute => minute.Settled ?? 0) == 3;
            },
            "the history has them");
        Assert.True(report.Latency.Processing!.P99 > 0);
        Assert.True(report.Latency.QueueWait!.P50 > 0);
        Assert.Equal(1, report.Latency.Processes);
    }

    private static Task<PartitionReport> StatusAsync(IServiceProvider services, TestPartition partition) =>
        services.GetRequiredService<IngestionStatus>().ReadAsync(
            services.GetRequiredService<StreamPartitions>().Get(partition.Name), Cancel);
}
