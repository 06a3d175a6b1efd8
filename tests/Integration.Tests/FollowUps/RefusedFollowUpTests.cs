using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Probing;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.FollowUps;

/// <summary>Tests follow-ups that the server or the limit of notes refuses: polling goes on, and the notes stay.</summary>
public sealed class RefusedFollowUpTests(TestServers servers)
{
    [Theory]
    [InlineData("MarkSeen", "lr", "only for reading")]
    [InlineData("MarkSeen", "lrt", @"does not keep the flag \Seen")]
    [InlineData("Flag:Done", "lrs", "does not keep the flag Done")]
    [InlineData("Delete", "lrs", @"does not keep the flag \Deleted")]
    public async Task A_folder_that_may_not_be_changed_is_named_once_and_polling_goes_on(string action, string rights, string expected)
    {
        await using var dovecot = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { HasAccessLists = true }, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var partition = new TestPartition(servers);
        dovecot.AddUser(partition.User, TestPartition.Password);
        using var imap = await PlainImap.ConnectAsync(dovecot.Port, partition.User, TestPartition.Password);
        await imap.AppendAsync("INBOX", TestMail.Many(3));
        using var relay = new ImapRelay(dovecot.Port);
        var lines = new LogLines();
        var time = new ShiftedTime();
        var poller = await partition.StartFollowingAsync(
            action,
            change: settings =>
            {
                settings.By(relay);
                // Dovecot keeps the list of a connection for a while.
                settings["Polling:KeepConnection"] = "00:00:00";
            },
            lines: lines,
            time: time);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
        await imap.CommandAsync($"SETACL INBOX owner {rights}");

        var results = new[] { await poller.PollAsync(), await poller.PollAsync() };

        Assert.All(results, result => Assert.Equal(PollEnd.Complete, result.End));
        var line = Assert.Single(lines.Of(253));
        Assert.Contains($"{partition.Mailbox()}: Mailboxes:0:AfterProcessing '{action}' is refused", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        var mailbox = (await partition.ReadSnapshotAsync()).Mailboxes.Single();
        Assert.Contains(expected, mailbox.FollowUpError, StringComparison.Ordinal);
        Assert.Equal((2, null), (mailbox.FollowUpsWaiting, mailbox.Error));

        await imap.CommandAsync("SETACL INBOX owner lrwstieka");
        await imap.AppendAsync("INBOX", TestMail.Of(4));
        time.Shift = TimeSpan.FromMinutes(6);
        var recovered = await poller.PollAsync();

        Assert.Equal((1, 2, null), (recovered.Appended, recovered.FollowUps!.Done, recovered.FollowUps.Error));
        Assert.Single(lines.Of(254));
        Assert.Null((await partition.ReadSnapshotAsync()).Mailboxes.Single().FollowUpError);
        Assert.Empty(await partition.NotesAsync());
    }

    [Theory]
    [InlineData("Move:Done/", "'Done/' is not the name of a folder.")]
    [InlineData("Move:/Done", "'/Done' is not the name of a folder.")]
    [InlineData("Move:../../elsewhere", "has no folder '..' and does not create it: ")]
    public async Task A_target_whose_name_the_server_does_not_allow_is_named(string action, string expected)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(1));
        var poller = await partition.StartFollowingAsync(action);
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.Completed, 1);

        var result = await poller.PollAsync();

        Assert.Equal(PollEnd.Complete, result.End);
        Assert.StartsWith($"Mailboxes:0:AfterProcessing '{action}' is refused: ", result.FollowUps!.Error, StringComparison.Ordinal);
        Assert.Contains(expected, result.FollowUps.Error, StringComparison.Ordinal);
        Assert.Single(await partition.NotesAsync());
        Assert.Single(await user.SubjectsAsync());
    }

    [Fact]
    public async Task Emails_that_could_not_be_deleted_after_a_copy_are_not_copied()
    {
        await using var dovecot = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { HasAccessLists = true }, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var partition = new TestPartition(servers);
        dovecot.AddUser(partition.User, TestPartition.Password);
        using var imap = await PlainImap.ConnectAsync(dovecot.Port, partition.User, TestPartition.Password);
        await imap.AppendAsync("INBOX", TestMail.Many(3));
        await imap.CreateAsync("Done");
        await imap.CreateAsync("Failed");
        using var relay = new ImapRelay(dovecot.Port, "MOVE");
        var poller = await partition.StartFollowingAsync("Move:Done", "Move:Failed", change: settings =>
        {
            settings.By(relay);
            settings["Polling:KeepConnection"] = "00:00:00";
        });
        await poller.PollAsync();
        await imap.CommandAsync("SETACL INBOX owner lrs");
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2);
        await partition.NoteAsync(NoteOutcome.DeadLetter, 3);

        var result = await poller.PollAsync();

        Assert.Contains(@"does not keep the flag \Deleted", result.FollowUps!.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await partition.NotesAsync()).Length);
        Assert.Empty(await imap.ReadAsync("Done"));
        Assert.Empty(await imap.ReadAsync("Failed"));
    }

    [Theory]
    [InlineData("lr", "only for reading")]
    [InlineData("lrt", @"does not keep the flag \Seen")]
    public async Task A_probe_tells_that_the_server_would_refuse_them(string rights, string expected)
    {
        await using var dovecot = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { HasAccessLists = true }, TimeProvider.System, TestContext.Current.CancellationToken);
        dovecot.AddUser("user@example.test", TestPartition.Password);
        using var imap = await PlainImap.ConnectAsync(dovecot.Port, "user@example.test", TestPartition.Password);
        await imap.AppendAsync("INBOX", TestMail.Many(1));
        await imap.CommandAsync($"SETACL INBOX owner {rights}");
        var options = new MailboxOptions
        {
            Host = "127.0.0.1",
            Port = dovecot.Port,
            Security = MailboxSecurity.None,
            Username = "user@example.test",
            Password = TestPartition.Password,
            AfterProcessing = "MarkSeen",
        };
        var steps = new List<ProbeStep>();

        var passed = await new MailboxProbe(options, TimeSpan.FromSeconds(30), tokens: null, TimeProvider.System)
            .RunAsync(steps.Add, TestContext.Current.CancellationToken);

        Assert.False(passed, string.Join('\n', steps));
        Assert.Equal("follow-ups", steps[^1].Name);
        Assert.Contains(expected, steps[^1].Text, StringComparison.Ordinal);
        Assert.Contains("AfterProcessing", steps[^1].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_cannot_be_created_is_named_and_other_notes_are_carried_out()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        // No folder may have this name.
        var poller = await partition.StartFollowingAsync("MarkSeen", "Move:../Failed");
        await poller.PollAsync();
        await partition.NoteAsync(NoteOutcome.DeadLetter, 1, 2);
        await partition.NoteAsync(NoteOutcome.Completed, 3);

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, 1), (result.End, result.FollowUps!.Done));
        Assert.Contains("Mailboxes:0:AfterDeadLetter", result.FollowUps.Error, StringComparison.Ordinal);
        Assert.Contains("does not create it", result.FollowUps.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await partition.NotesAsync()).Length);
        Assert.Equal(3, (await user.SubjectsAsync()).Length);
    }

    [Fact]
    public async Task Refused_notes_do_not_stop_the_ones_behind_them()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(5));
        var poller = await partition.StartFollowingAsync("MarkSeen", "Move:../Failed");
        await poller.PollAsync();
        // More than one round of notes.
        await partition.NoteAsync(NoteOutcome.DeadLetter, Enumerable.Range(1_000, 450).Select(uid => (uint)uid));
        await partition.NoteAsync(NoteOutcome.Completed, 1, 2, 3);
        var completed = (await partition.NotesAsync()).Where(note => note[0] == 'c').Select(note => new SortedSetEntry(note, 9));
        await partition.Database.SortedSetAddAsync(partition.Keys.Notes(partition.Mailbox()), [.. completed]);

        var result = await poller.PollAsync();

        Assert.Equal(3, result.FollowUps!.Done);
        Assert.Equal(450, (await partition.NotesAsync()).Length);
    }

    [Fact]
    public async Task Above_the_limit_of_notes_emails_are_settled_and_only_counted()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var lines = new LogLines();
        var poller = await partition.StartFollowingAsync("MarkSeen", "MarkSeen", lines: lines);
        await poller.PollAsync();
        // As of a mailbox that was not polled for long.
        await partition.Database.ScriptEvaluateAsync(
            "for uid = 1, tonumber(ARGV[1]) do redis.call('ZADD', KEYS[1], '99999999999999', 'c:1:0:' .. uid) end",
            [partition.Keys.Notes(partition.Mailbox())],
            [MailboxNotes.Most]);

        await partition.ConsumeAsync(2);
        await partition.DrainedAsync();

        Assert.Equal(MailboxNotes.Most, (await partition.ReadSnapshotAsync()).Mailboxes.Single().FollowUpsWaiting);
        Assert.Equal(3, (long)await partition.Database.HashGetAsync(partition.Keys.NotesUnmade, partition.Mailbox()));
        await poller.PollTwiceAsync();
        Assert.Contains("3 emails stay in the mailbox", Assert.Single(lines.Of(255)), StringComparison.Ordinal);
        Assert.Contains((await partition.ReadSnapshotAsync()).Mailboxes, mailbox => mailbox.Warning?.Contains("3 emails stay") == true);
    }
}
