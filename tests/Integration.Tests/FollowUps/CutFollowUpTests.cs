using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using MailKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.FollowUps;

/// <summary>Tests follow-ups whose connection ends between the effect and its confirmation, and servers without MOVE or UIDPLUS.</summary>
public sealed class CutFollowUpTests(TestServers servers)
{
    [Theory]
    [InlineData("MarkSeen", " UID STORE ", "")]
    [InlineData("Flag:Done", " UID STORE ", "")]
    [InlineData("Move:Done", " UID MOVE ", "")]
    [InlineData("Move:Done", " CREATE ", "")]
    [InlineData("Move:Done", " SELECT ", "")]
    [InlineData("Delete", " UID STORE ", "")]
    [InlineData("Delete", " UID EXPUNGE ", "")]
    [InlineData("Move:Done", " UID COPY ", "MOVE")]
    [InlineData("Move:Done", " UID STORE ", "MOVE")]
    [InlineData("Move:Done", " UID EXPUNGE ", "MOVE")]
    [InlineData("Move:Done", " COPY ", "MOVE UIDPLUS")]
    [InlineData("Move:Done", " UID STORE ", "MOVE UIDPLUS")]
    [InlineData("Move:Done", " MOVE ", "UIDPLUS")]
    public async Task A_follow_up_whose_confirmation_is_lost_is_repeated_without_harm(string action, string command, string hidden)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(6));
        using var relay = new ImapRelay(servers.Dovecot.Port, hidden.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var poller = await partition.StartFollowingAsync(action, change: settings => settings.By(relay));
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2, 5);
        relay.CutAfter(command);

        var cut = await poller.PollAsync();
        Assert.Equal((PollEnd.Complete, 1), (cut.End, relay.Cuts));
        Assert.Equal(3, (await partition.NotesAsync()).Length);
        var repeated = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, null), (repeated.End, repeated.FollowUps!.Error));
        Assert.Empty(await partition.NotesAsync());
        Assert.Equal(0, (await partition.CursorAsync())!.Epoch);
        var left = (await user.ReadAsync()).Where(mail => !mail.Flags.HasFlag(MessageFlags.Deleted)).ToArray();
        if (action.StartsWith("Move", StringComparison.Ordinal))
        {
            Assert.Equal(FollowUpSteps.Subjects(1, 2, 5), await user.SubjectsAsync("Done"));
            Assert.All(await user.ReadAsync("Done"), mail => Assert.False(mail.Flags.HasFlag(MessageFlags.Deleted)));
            Assert.Equal([3u, 4, 6], left.Select(mail => mail.Uid));
        }
        else if (action == "Delete")
        {
            Assert.Equal([3u, 4, 6], left.Select(mail => mail.Uid));
        }
        else
        {
            Assert.Equal(6, left.Length);
        }
    }

    [Fact]
    public async Task Equal_emails_that_were_copied_before_a_cut_are_not_copied_again()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var received = new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);
        await user.AppendAsync(Enumerable.Repeat((TestMail.Of(1), received), 4));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2, 3);
        relay.CutAfter(" UID COPY ");
        await poller.PollAsync();

        await poller.PollAsync();

        Assert.Equal(3, (await user.SubjectsAsync("Done")).Length);
        Assert.Single(await user.SubjectsAsync());
    }

    [Theory]
    [InlineData("MOVE", " UID COPY ")]
    [InlineData("MOVE", " UID STORE ")]
    [InlineData("MOVE UIDPLUS", " COPY ")]
    [InlineData("MOVE UIDPLUS", " UID STORE ")]
    public async Task Emails_that_were_copied_before_cuts_are_not_copied_again_together_with_others(string hidden, string command)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(5));
        using var relay = new ImapRelay(servers.Dovecot.Port, hidden.Split(' '));
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();

        foreach (var uid in (uint[])[2, 1, 4])
        {
            await partition.NoteAsync(NoteOutcome.Completed, uid);
            relay.CutAfter(command);
            // A second failure in a row would pause the follow-ups of this process.
            await poller.PollAsync();
            await poller.StopAsync(TestContext.Current.CancellationToken);
            poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        }

        await poller.PollAsync();
        Assert.Equal(3, relay.Cuts);
        Assert.Equal(FollowUpSteps.Subjects(1, 2, 4), await user.SubjectsAsync("Done"));
        Assert.Equal(
            [3u, 5], (await user.ReadAsync()).Where(mail => !mail.Flags.HasFlag(MessageFlags.Deleted)).Select(mail => mail.Uid));
        Assert.Empty(await partition.NotesAsync());
    }

    [Fact]
    public async Task Copies_to_one_folder_do_not_hide_what_was_copied_to_another()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(2));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var poller = await partition.StartFollowingAsync("Move:Done", "Move:Failed", change: settings => settings.By(relay));
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.DeadLetter, 1);
        relay.CutAfter(" UID COPY ");
        await poller.PollAsync();
        Assert.Equal(1, relay.Cuts);

        // Of the same time, and first by its text.
        await partition.NoteAsync(NoteOutcome.Completed, 2);
        await poller.PollAsync();

        Assert.Empty(await user.SubjectsAsync());
        Assert.Equal(FollowUpSteps.Subjects(1), await user.SubjectsAsync("Failed"));
        Assert.Equal(FollowUpSteps.Subjects(2), await user.SubjectsAsync("Done"));
        Assert.Equal("", await partition.Database.HashGetAsync(partition.Keys.Cursor(partition.Mailbox()), "copying"));
    }

    [Fact]
    public async Task Copies_that_were_found_are_not_made_again_when_somebody_empties_the_target()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
        relay.CutAfter(" UID COPY ");
        await poller.PollAsync();
        relay.CutAfter(" UID STORE ");
        // A second failure in a row would pause the follow-ups of this process.
        await poller.StopAsync(TestContext.Current.CancellationToken);
        poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();
        Assert.Equal(2, relay.Cuts);

        await user.ExpungeAsync((await user.ReadAsync("Done")).Select(mail => mail.Uid), "Done");
        await poller.PollAsync();

        Assert.Equal(FollowUpSteps.Subjects(3), await user.SubjectsAsync());
        Assert.Empty(await user.SubjectsAsync("Done"));
    }

    [Fact]
    public async Task A_mark_that_a_killed_process_has_left_does_not_hold_for_an_equal_email()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var received = new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);
        await user.AppendAsync(Enumerable.Repeat((TestMail.Of(1), received), 2));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();
        var cursor = partition.Keys.Cursor(partition.Mailbox());
        var mark = StackExchange.Redis.RedisValue.Null;
        relay.CutAfter(" UID COPY ", async _ => mark = await partition.Database.HashGetAsync(cursor, "copying"));
        await partition.NoteAsync(NoteOutcome.Completed, 1);
        await poller.PollTwiceAsync();
        Assert.False(mark.IsNullOrEmpty);
        Assert.Single(await user.SubjectsAsync());

        await partition.Database.HashSetAsync(cursor, "copying", mark);
        await partition.NoteAsync(NoteOutcome.Completed, 2);
        await poller.PollAsync();

        Assert.Empty(await user.SubjectsAsync());
        Assert.Equal(2, (await user.SubjectsAsync("Done")).Length);
    }

    [Fact]
    public async Task An_email_like_one_that_was_moved_before_is_copied()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var received = new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);
        await user.AppendAsync(Enumerable.Repeat((TestMail.Of(1), received), 2));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();

        await partition.NoteAsync(NoteOutcome.Completed, 1);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 2);
        await poller.PollAsync();

        Assert.Equal(2, (await user.SubjectsAsync("Done")).Length);
        Assert.Empty(await user.SubjectsAsync());
    }

    [Theory]
    [InlineData("Delete")]
    [InlineData("Move:Done")]
    public async Task Without_UIDPLUS_nothing_is_expunged_and_the_log_says_so_once(string action)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(4));
        await user.FlagAsync(4, MessageFlags.Deleted);
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE", "UIDPLUS");
        var lines = new LogLines();
        var poller = await partition.StartFollowingAsync(action, change: settings => settings.By(relay), lines: lines);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 2);
        await poller.PollAsync();

        Assert.Equal(4, (await user.SubjectsAsync()).Length);
        Assert.Equal(
            [1u, 2, 4], (await user.ReadAsync()).Where(mail => mail.Flags.HasFlag(MessageFlags.Deleted)).Select(mail => mail.Uid));
        Assert.Equal(action == "Delete" ? [] : FollowUpSteps.Subjects(1, 2), await user.SubjectsAsync("Done"));
        Assert.Single(lines.Of(252));
        Assert.DoesNotContain(relay.Commands, command => command.Contains("EXPUNGE", StringComparison.Ordinal) || command == "CLOSE");
    }

    [Theory]
    [InlineData("MOVE UIDPLUS", new uint[] { 1, 2, 3 })]
    [InlineData("UIDPLUS", new uint[] { 3 })]
    public async Task Emails_that_are_processed_again_are_not_copied_again(string hidden, uint[] left)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        using var relay = new ImapRelay(servers.Dovecot.Port, hidden.Split(' '));
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay));
        await poller.PollAsync();
        // As after Redis has lost its data: without UIDPLUS the emails are still in the folder.
        for (var time = 0; time < 2; time++)
        {
            await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
            Assert.Equal(2, (await poller.PollAsync()).FollowUps!.Done);
        }

        Assert.Equal(FollowUpSteps.Subjects(1, 2), await user.SubjectsAsync("Done"));
        Assert.Equal(left, (await user.ReadAsync()).Select(mail => mail.Uid));
    }

    [Fact]
    public async Task A_renumbered_folder_drops_the_notes_and_touches_no_other_email()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var lines = new LogLines();
        var poller = await partition.StartFollowingAsync("Delete", lines: lines);
        var consumer = await partition.ConsumeAsync();
        await partition.PollAndDrainAsync(poller);
        Assert.Equal(3, (await partition.NotesAsync()).Length);

        // The new emails are not settled, so nothing may be done to them.
        await consumer.StopAsync(TestContext.Current.CancellationToken);
        await user.RecreateAsync("INBOX");
        await user.AppendAsync(TestMail.Many(3, first: 11));
        var result = await poller.PollAsync();

        Assert.Equal((3, 3), (result.Appended, result.FollowUps!.Stale));
        Assert.Single(lines.Of(251));
        Assert.Equal(FollowUpSteps.Subjects(11, 12, 13), await user.SubjectsAsync());
    }

    [Fact]
    public async Task A_folder_that_is_renumbered_during_the_poll_is_not_touched()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3), "Orders");
        using var relay = new ImapRelay(servers.Dovecot.Port);
        var poller = await partition.StartFollowingAsync("Delete", change: settings =>
        {
            settings["Mailboxes:0:Folder"] = "Orders";
            settings.By(relay);
        });
        await poller.PollAsync();
        var cursor = (await partition.CursorAsync("Orders"))!;
        await user.RecreateAsync("Orders");
        await user.AppendAsync(TestMail.Many(3, first: 11), "Orders");
        // As if the poll had read the folder before it was renumbered.
        using var folder = new ImapMailbox(
            partition.MailboxOptions(servers, "Orders"), TimeSpan.FromSeconds(20), 1_000_000);
        await Task.Run(() => folder.Open(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        Assert.Throws<FolderRenumberedException>(() => folder.CarryOut(
            new FollowUp(FollowUpKind.Delete),
            cursor.UidValidity,
            [1, 2, 3],
            new CopyJournal(
                partition.Partition.Stream.Mailboxes,
                "m",
                new MailboxLock("m", "this", partition.Partition.Stream),
                TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken));

        Assert.Equal(3, (await user.SubjectsAsync("Orders")).Length);
    }

    [Fact]
    public async Task A_poll_that_has_lost_its_lock_copies_nothing()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(2));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var lines = new LogLines();
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay), lines: lines);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
        var key = partition.Keys.MailboxLock(partition.Mailbox());
        relay.After(" STATUS ", () => partition.Database.StringSetAsync(key, "another"));

        var lost = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, null, 0), (lost.End, lost.FollowUps!.Error, lost.FollowUps.Done));
        Assert.Equal(2, (await user.SubjectsAsync()).Length);
        Assert.Empty(await user.SubjectsAsync("Done"));
        await partition.Database.KeyDeleteAsync(key);
        Assert.Equal(2, (await poller.PollAsync()).FollowUps!.Done);
    }

    [Fact]
    public async Task The_lock_is_renewed_while_emails_are_copied()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(2));
        using var relay = new ImapRelay(servers.Dovecot.Port, "MOVE");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings.By(relay), time: time);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
        var key = partition.Keys.MailboxLock(partition.Mailbox());
        var copying = TimeSpan.Zero;
        relay.After(" UID COPY ", async () =>
        {
            var limit = TimeSpan.FromSeconds(20);
            await partition.Database.KeyExpireAsync(key, limit);
            time.Advance(MailboxLock.Life / 4);
            await Eventually.TrueAsync(
                async () => (copying = await partition.Database.KeyTimeToLiveAsync(key) ?? TimeSpan.Zero) > limit, "it is renewed");
        });

        Assert.Equal(2, (await poller.PollAsync()).FollowUps!.Done);
        Assert.True(copying > TimeSpan.Zero);
    }

    [Fact]
    public async Task Two_pollers_that_carry_out_the_same_notes_do_no_harm()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(500));
        var one = await partition.StartFollowingAsync("Move:Done");
        var other = await partition.StartFollowingAsync("Move:Done");
        await one.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, Enumerable.Range(1, 400).Select(uid => (uint)uid));

        while ((await partition.NotesAsync()).Length > 0)
        {
            // Without the lock, which only saves work.
            await partition.Database.KeyDeleteAsync(partition.Keys.MailboxLock(partition.Mailbox()));
            var first = one.PollAsync();
            await partition.Database.KeyDeleteAsync(partition.Keys.MailboxLock(partition.Mailbox()));
            await Task.WhenAll(first, other.PollAsync());
        }

        Assert.Equal(400, (await user.ReadAsync("Done")).Count);
        Assert.Equal(100, (await user.ReadAsync()).Count);
    }
}
