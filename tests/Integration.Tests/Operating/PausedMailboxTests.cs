using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operating;

/// <summary>Pauses mailboxes at run time, and requests polls.</summary>
public sealed class PausedMailboxTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paused_mailbox_is_not_polled_and_others_are()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([TestMail.Of(1)]);
        await user.AppendAsync([TestMail.Of(2)], "Other");
        var host = await partition.StartPollerAsync(settings => partition.AddMailbox(settings, "Other", index: 1));
        await PauseAsync(partition, partition.Mailbox("INBOX"));
        await NoticedAsync(host, paused: true);
        var results = await host.PollAllAsync();
        Assert.Equal(PollEnd.Paused, results[partition.Mailbox("INBOX")].End);
        Assert.Equal(PollEnd.Complete, results[partition.Mailbox("Other")].End);

        await ResumeAsync(partition, partition.Mailbox("INBOX"));
        await NoticedAsync(host, paused: false);
        Assert.Equal(PollEnd.Complete, (await host.PollAllAsync())[partition.Mailbox("INBOX")].End);
        Assert.Equal(2, (await partition.EmailsAsync()).Count);
    }

    [Fact]
    public async Task A_poll_that_runs_ends_at_its_next_step_and_nothing_is_lost()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync([.. TestMail.Many(50)]);
        using var fetching = new ManualResetEventSlim();
        using var paused = new ManualResetEventSlim();
        var host = await partition.StartPollerAsync(
            settings => settings["Polling:FetchBatch"] = "10",
            services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(provider =>
            {
                var options = provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<PollingOptions>>().Value;
                return mailbox => new HookedMailbox(new EmailIngestion.Mailboxes.Imap.ImapMailbox(
                    mailbox, options.ServerTimeout, options.MaxMessageBytes,
                    provider.GetRequiredService<EmailIngestion.Mailboxes.Imap.IdleSessions>(), null))
                {
                    FetchingBodies = () =>
                    {
                        fetching.Set();
                        paused.Wait(TimeSpan.FromMinutes(1), Cancel);
                    },
                };
            }));
        var poll = host.PollAsync();
        await Eventually.TrueAsync(() => fetching.IsSet, "the poll fetches");
        await PauseAsync(partition, partition.Mailbox("INBOX"));
        await NoticedAsync(host, paused: true);
        paused.Set();
        Assert.Equal(PollEnd.Paused, (await poll).End);
        Assert.True((await partition.EmailsAsync()).Count < 50);

        await ResumeAsync(partition, partition.Mailbox("INBOX"));
        await NoticedAsync(host, paused: false);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Equal(TestMail.Many(50).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task A_watched_mailbox_ends_its_watch_and_continues_after_the_pause()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([TestMail.Of(1)]);
        var host = await partition.StartPollerAsync(settings => settings["Polling:MaxWatched"] = "10");
        await CountAsync(partition, 1);
        await PauseAsync(partition, null);
        await NoticedAsync(host, paused: true);
        await user.AppendAsync([TestMail.Of(2)]);
        for (var i = 0; i < 20; i++)
        {
            Assert.Single(await partition.EmailsAsync());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }

        await ResumeAsync(partition, null);
        await CountAsync(partition, 2);
    }

    [Fact]
    public async Task A_requested_poll_is_made_by_the_process_that_polls_the_mailbox()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await partition.StartPollerAsync();
        for (var number = 1; number <= 3; number++)
        {
            await user.AppendAsync([TestMail.Of(number)]);
            await partition.Partition.Control.RequestPollAsync(partition.Mailbox("INBOX"), "test", Cancel);
            await CountAsync(partition, number);
        }

        await ServedAsync(partition);
    }

    [Fact]
    public async Task A_requested_poll_waits_for_a_process_that_polls_the_mailbox()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync([TestMail.Of(1)]);
        await partition.Partition.Control.RequestPollAsync(partition.Mailbox("INBOX"), "test", Cancel);
        await partition.StartPollerAsync();
        await CountAsync(partition, 1);
        await ServedAsync(partition);
    }

    [Fact]
    public async Task A_requested_poll_of_another_process_mailbox_is_left_to_it()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync([TestMail.Of(1)]);
        await partition.StartPollerAsync();
        await partition.Partition.Control.RequestPollAsync("ann@example.org/INBOX", "test", Cancel);
        await partition.Partition.Control.RequestPollAsync(partition.Mailbox("INBOX"), "test", Cancel);
        await CountAsync(partition, 1);
        await Eventually.TrueAsync(
            async () => (await partition.Partition.Control.ReadAsync(Cancel)).Polls is [{ Mailbox: "ann@example.org/INBOX" }],
            "only the other request is left");
    }

    private static Task PauseAsync(TestPartition partition, string? mailbox) => partition.Partition.Control.PauseAsync(
        mailbox is null ? ControlState.EverythingField : ControlState.MailboxPrefix + mailbox, "test", "Test", Cancel);

    private static Task<bool> ResumeAsync(TestPartition partition, string? mailbox) => partition.Partition.Control.ResumeAsync(
        mailbox is null ? ControlState.EverythingField : ControlState.MailboxPrefix + mailbox, "test", Cancel);

    private static Task NoticedAsync(WebApplication host, bool paused) => Eventually.TrueAsync(
        () => host.Services.GetRequiredService<PolledMailboxes>().All[0] is { } mailbox
            && mailbox.IsPaused == paused && mailbox.Pause.Token.IsCancellationRequested == paused,
        "the process has noticed");

    private static Task CountAsync(TestPartition partition, int count) => Eventually.TrueAsync(
        async () => (await partition.EmailsAsync()).Count == count, $"{count} are appended");

    private static Task ServedAsync(TestPartition partition) => Eventually.TrueAsync(
        async () => (await partition.Partition.Control.ReadAsync(Cancel)).Polls.Count == 0, "the request is removed");
}
