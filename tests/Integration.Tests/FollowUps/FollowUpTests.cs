using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Processing;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using MailKit;
using Xunit;

namespace EmailIngestion.Integration.Tests.FollowUps;

/// <summary>Tests what is done to emails in the mailbox after their outcome, on a real mail server.</summary>
public sealed class FollowUpTests(TestServers servers)
{
    [Fact]
    public async Task Completed_emails_are_moved_to_a_folder_that_is_created()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var poller = await partition.StartFollowingAsync("Move:Done/2026");
        await partition.ConsumeAsync();
        await partition.PollAndDrainAsync(poller);
        Assert.Equal(3, (await partition.NotesAsync()).Length);
        Assert.Equal(3, (await partition.ReadSnapshotAsync()).Mailboxes.Single().FollowUpsWaiting);

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, 3), (result.End, result.FollowUps!.Done));
        Assert.Empty(await user.SubjectsAsync());
        Assert.Equal(FollowUpSteps.Subjects(1, 2, 3), await user.SubjectsAsync("Done/2026"));
        Assert.Empty(await partition.NotesAsync());
    }

    [Theory]
    [InlineData("Erledigt & geprüft", "")]
    [InlineData("処理済み/二〇二六", "")]
    [InlineData("Обработано", "MOVE")]
    [InlineData("A \"quoted\" name\\", "MOVE UIDPLUS")]
    public async Task A_folder_of_any_name_is_created_and_used_again(string folder, string hidden)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(2));
        using var relay = new ImapRelay(servers.Dovecot.Port, hidden.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        for (var email = 1u; email <= 2; email++)
        {
            var poller = await partition.StartFollowingAsync($"Move:{folder}", change: settings => settings.By(relay));
            await poller.PollAsync();
            await partition.NoteAsync(NoteOutcome.Completed, email);
            var followUps = (await poller.PollAsync()).FollowUps!;
            Assert.Equal((1, null), (followUps.Done, followUps.Error));
            await poller.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(FollowUpSteps.Subjects(1, 2), await user.SubjectsAsync(folder));
    }

    [Fact]
    public async Task No_email_is_touched_before_its_outcome_is_settled()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var poller = await partition.StartFollowingAsync("Delete");

        await poller.PollTwiceAsync();

        Assert.Equal(3, await partition.Partition.Stream.LengthAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await partition.NotesAsync());
        Assert.Equal(FollowUpSteps.Subjects(1, 2, 3), await user.SubjectsAsync());
    }

    [Fact]
    public async Task An_outcome_is_followed_up_only_after_the_delay()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(1));
        var time = new ShiftedTime();
        var poller = await partition.StartFollowingAsync(
            "Delete", change: settings => settings["Polling:FollowUpDelay"] = "01:00:00", time: time);
        await partition.ConsumeAsync();
        await partition.PollAndDrainAsync(poller);

        await poller.PollAsync();
        Assert.Single(await user.SubjectsAsync());
        time.Shift = TimeSpan.FromHours(1.1);
        await poller.PollAsync();

        Assert.Empty(await user.SubjectsAsync());
    }

    [Fact]
    public async Task Completed_emails_and_dead_letters_have_settings_of_their_own()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(4));
        var poller = await partition.StartFollowingAsync("MarkSeen", "Move:Failed");
        await partition.ConsumeAsync(2);
        await partition.PollAndDrainAsync(poller);

        await poller.PollAsync();

        Assert.Equal(FollowUpSteps.Subjects(1, 3, 4), await user.SubjectsAsync());
        Assert.All(await user.ReadAsync(), mail => Assert.True(mail.Flags.HasFlag(MessageFlags.Seen)));
        Assert.Equal(FollowUpSteps.Subjects(2), await user.SubjectsAsync("Failed"));
        await partition.OnlyDeadLetterAsync();
    }

    [Fact]
    public async Task A_mailbox_that_asks_for_dead_letters_notes_no_others()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var poller = await partition.StartFollowingAsync("Nothing", "Flag:Failed");
        await partition.ConsumeAsync(2);
        await partition.PollAndDrainAsync(poller);

        var cursor = (await partition.CursorAsync())!;
        Assert.Equal([$"d:{cursor.UidValidity}:0:2"], await partition.NotesAsync());
        await poller.PollAsync();

        using var imap = await PlainImap.ConnectAsync(servers.Dovecot.Port, partition.User, TestPartition.Password);
        await imap.CommandAsync("EXAMINE INBOX");
        Assert.EndsWith(" 2", Assert.Single(await imap.CommandAsync("UID SEARCH KEYWORD Failed")), StringComparison.Ordinal);
        Assert.Equal(3, (await user.SubjectsAsync()).Length);
    }

    [Fact]
    public async Task A_mailbox_that_asks_for_nothing_is_only_read()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        using var relay = new ImapRelay(servers.Dovecot.Port);
        var poller = await partition.StartPollerAsync(settings => settings.By(relay));
        await partition.ConsumeAsync(2);
        await poller.PollAsync();
        Assert.DoesNotContain(
            (await partition.Database.StreamRangeAsync(partition.Keys.Stream)).SelectMany(entry => entry.Values),
            field => field.Name == "notes");
        await partition.DrainedAsync();

        await poller.PollTwiceAsync();

        Assert.DoesNotContain(partition.AllKeys(), key => key.ToString().Contains("notes", StringComparison.Ordinal));
        Assert.DoesNotContain(relay.Commands, command => command.StartsWith("SELECT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_folder_is_opened_for_writing_only_when_something_waits()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(1));
        using var relay = new ImapRelay(servers.Dovecot.Port);
        var poller = await partition.StartFollowingAsync("MarkSeen", change: settings => settings.By(relay));
        await partition.ConsumeAsync();
        await partition.PollAndDrainAsync(poller);
        Assert.DoesNotContain(relay.Commands, command => command.StartsWith("SELECT", StringComparison.Ordinal));

        await poller.PollTwiceAsync();

        Assert.Single(relay.Commands, command => command.StartsWith("SELECT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Emails_that_others_have_marked_as_deleted_stay()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var poller = await partition.StartFollowingAsync("Nothing", "Delete");
        await partition.ConsumeAsync(2);
        await partition.PollAndDrainAsync(poller);
        await user.FlagAsync(1, MessageFlags.Deleted);

        await poller.PollTwiceAsync();

        Assert.Equal(FollowUpSteps.Subjects(1, 3), await user.SubjectsAsync());
    }

    [Fact]
    public async Task Emptying_the_folder_starts_no_epoch_and_new_mail_is_read()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var poller = await partition.StartFollowingAsync("Move:Done");
        await partition.ConsumeAsync();
        await partition.PollAndDrainAsync(poller);
        await poller.PollTwiceAsync();

        await user.AppendAsync(TestMail.Many(2, first: 4));
        var result = await poller.PollAsync();
        await partition.DrainedAsync();
        await poller.PollAsync();

        Assert.Equal((2, 0), (result.Appended, result.Duplicates));
        Assert.Equal((0, 5u), ((await partition.CursorAsync())!.Epoch, (await partition.CursorAsync())!.Last));
        Assert.Equal(5, (await user.SubjectsAsync("Done")).Length);
    }

    [Fact]
    public async Task A_replayed_dead_letter_that_was_moved_away_completes_without_harm()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(2));
        var poller = await partition.StartFollowingAsync("Move:Done", "Move:Failed");
        var failing = true;
        await partition.StartConsumerAsync(new ProcessorScript((message, _) => failing && message.Uid == 1
            ? throw new PermanentFailureException("Not yet.")
            : Task.CompletedTask));
        await partition.PollAndDrainAsync(poller);
        await poller.PollAsync();
        failing = false;

        var deadLetter = await partition.OnlyDeadLetterAsync();
        await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None);
        await Eventually.TrueAsync(async () => (await partition.NotesAsync()).Length == 1, "the completion is noted");
        var result = await poller.PollAsync();

        Assert.Null(result.FollowUps!.Error);
        Assert.Empty(await partition.NotesAsync());
        Assert.Equal(FollowUpSteps.Subjects(1), await user.SubjectsAsync("Failed"));
        Assert.Equal(FollowUpSteps.Subjects(2), await user.SubjectsAsync("Done"));
    }

    [Fact]
    public async Task An_email_whose_message_is_not_in_its_dead_letter_is_not_deleted()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([TestMail.Of(1), TestMail.Of(2, new string('x', 5_000))]);
        var poller = await partition.StartFollowingAsync(
            "Delete", "Delete", settings => settings["Polling:MaxMessageBytes"] = "2000");
        await partition.ConsumeAsync();
        await partition.PollAndDrainAsync(poller);
        Assert.Equal(DeadLetterReasons.Oversize, (await partition.OnlyDeadLetterAsync()).Reason);

        await poller.PollTwiceAsync();

        Assert.Equal(FollowUpSteps.Subjects(2), await user.SubjectsAsync());
        Assert.Empty(await partition.NotesAsync());
    }

    [Fact]
    public async Task An_oversize_email_is_moved_as_a_dead_letter()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([TestMail.Of(1), TestMail.Of(2, new string('x', 5_000))]);
        var poller = await partition.StartFollowingAsync(
            "Nothing", "Move:Failed", settings => settings["Polling:MaxMessageBytes"] = "2000");

        await poller.PollTwiceAsync();

        Assert.Equal(FollowUpSteps.Subjects(2), await user.SubjectsAsync("Failed"));
    }

    [Fact]
    public async Task Five_thousand_emails_are_moved_in_one_poll()
    {
        const int Count = 5_000;
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(Count));
        var poller = await partition.StartFollowingAsync("Move:Done", change: settings => settings["Mailboxes:0:StartFrom"] = "now");
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, Enumerable.Range(1, Count).Select(uid => (uint)uid));

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, Count), (result.End, result.FollowUps!.Done));
        Assert.Empty(await partition.NotesAsync());
        Assert.Equal(0, await servers.Dovecot.CountAsync(
            partition.User, TestPartition.Password, "INBOX", TestContext.Current.CancellationToken));
        Assert.Equal(Count, await servers.Dovecot.CountAsync(
            partition.User, TestPartition.Password, "Done", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Notes_of_a_mailbox_that_asks_for_nothing_any_more_are_removed()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(2));
        var poller = await partition.StartPollerAsync();
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
        var next = await partition.StartPollerAsync();

        await next.PollAsync();

        Assert.Empty(await partition.NotesAsync());
        Assert.Equal(2, (await user.SubjectsAsync()).Length);
    }
}
