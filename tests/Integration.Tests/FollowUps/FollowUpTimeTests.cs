using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.FollowUps;

/// <summary>Tests follow-ups within the deadline of a poll, and beside a watch.</summary>
public sealed class FollowUpTimeTests(TestServers servers)
{
    [Fact]
    public async Task A_poll_whose_deadline_ends_its_follow_ups_is_complete_and_the_next_one_continues()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(500));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var poller = await StartAsync(
            partition, time, "00:00:05", inner => new HookedMailbox(inner) { CarryingOut = () => time.Advance(TimeSpan.FromSeconds(3)) });
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, Enumerable.Range(1, 450).Select(uid => (uint)uid));

        var results = new List<PollResult> { await poller.PollAsync() };
        Assert.NotEmpty(await partition.NotesAsync());
        while ((await partition.NotesAsync()).Length > 0 && results.Count < 10)
            results.Add(await poller.PollAsync());

        Assert.All(results, result => Assert.Equal((PollEnd.Complete, null), (result.End, result.FollowUps!.Error)));
        Assert.Equal((50, 450), ((await user.ReadAsync()).Count, (await user.ReadAsync("Done")).Count));
    }

    [Fact]
    public async Task A_backlog_is_carried_out_although_every_poll_ends_at_its_deadline()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(1_200));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var isSlow = false;
        var poller = await StartAsync(
            partition,
            time,
            "00:01:00",
            inner => new HookedMailbox(inner) { FetchingBodies = () => time.Advance(TimeSpan.FromSeconds(isSlow ? 61 : 0)) });
        await poller.PollAsync();
        await partition.NoteAsync(
            NoteOutcome.Completed, Enumerable.Range(1, FollowUpPass.Backlog).Select(uid => (uint)uid));
        await user.AppendAsync(TestMail.Many(5, first: 2_000));
        isSlow = true;

        await poller.PollAllAsync();
        await Eventually.TrueAsync(async () => (await partition.NotesAsync()).Length == 0, "the notes are carried out");

        Assert.Equal(1_200u, (await partition.CursorAsync())!.Last);
        Assert.Equal(FollowUpPass.Backlog, (await user.ReadAsync("Done")).Count);
    }

    [Fact]
    public async Task The_watch_takes_moved_emails_for_no_change()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(5));
        using var relay = new ImapRelay(servers.Dovecot.Port);
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings =>
        {
            settings.By(relay);
            settings["Polling:MaxWatched"] = "1";
        });
        await Eventually.TrueAsync(() => relay.Commands.Count(command => command == "IDLE") == 1, "the mailbox is watched");
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2, 3);

        await poller.PollAsync();
        await Eventually.TrueAsync(() => relay.Commands.Last() == "IDLE", "the mailbox is watched again");
        var examined = relay.Commands.Count(command => command.StartsWith("EXAMINE", StringComparison.Ordinal));
        await user.AppendAsync(TestMail.Many(1, first: 6));
        await Eventually.TrueAsync(
            async () => await partition.Database.StreamLengthAsync(partition.Keys.Stream) == 6, "the new email is appended");

        Assert.Equal(2, (await user.SubjectsAsync()).Count(subject => subject != "Mail 6"));
        // The poll of the new email, and the watch before it and after it.
        Assert.InRange(relay.Commands.Count(command => command.StartsWith("EXAMINE", StringComparison.Ordinal)), examined, examined + 2);
    }

    private static Task<WebApplication> StartAsync(
        TestPartition partition, FakeTimeProvider time, string deadline, Func<IMailbox, IMailbox> wrap) => partition.StartPollerAsync(
        settings =>
        {
            settings["Mailboxes:0:AfterProcessing"] = "Move:Done";
            settings["Polling:FollowUpDelay"] = "00:00:00";
            settings["Polling:Deadline"] = deadline;
        },
        services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddSingleton<Func<MailboxOptions, IMailbox>>(options => wrap(
                new ImapMailbox(options, TimeSpan.FromSeconds(20), new PollingOptions().MaxMessageBytes)));
        });
}
