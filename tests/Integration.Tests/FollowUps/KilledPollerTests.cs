using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using MailKit;
using MailKit.Search;
using Xunit;

namespace EmailIngestion.Integration.Tests.FollowUps;

/// <summary>
/// Kills the process that follows emails up, after the server has carried out a command and before the process hears of it. The next
/// process repeats what is noted.
/// </summary>
public sealed class KilledPollerTests(TestServers servers)
{
    [Theory]
    [InlineData("MarkSeen", " UID STORE ", "")]
    [InlineData("Flag:Done", " UID STORE ", "")]
    [InlineData("Move:Done", " UID MOVE ", "")]
    [InlineData("Move:Done", " UID COPY ", "MOVE")]
    [InlineData("Move:Done", " UID STORE ", "MOVE")]
    [InlineData("Move:Done", " UID EXPUNGE ", "MOVE")]
    [InlineData("Delete", " UID STORE ", "")]
    [InlineData("Delete", " UID EXPUNGE ", "")]
    public async Task A_poller_that_is_killed_before_the_confirmation_leaves_one_effect(string action, string command, string hidden)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(6));
        using var relay = new ImapRelay(servers.Dovecot.Port, hidden.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await KilledAsync(partition, relay, action, command, 1, 2, 5);
        Assert.Equal(3, (await partition.NotesAsync()).Length);
        // Another email is settled meanwhile.
        await partition.NoteAsync(NoteOutcome.Completed, 6);

        using (Start(partition, relay, action))
            await FollowedUpAsync(partition);

        Assert.Equal(1, relay.Cuts);
        var left = await user.ReadAsync();
        Assert.DoesNotContain(left, mail => mail.Flags.HasFlag(MessageFlags.Deleted));
        if (action is "MarkSeen" or "Flag:Done")
        {
            Assert.Equal(6, left.Count);
            Assert.Equal([1u, 2, 5, 6], await user.FindAsync(action == "MarkSeen" ? SearchQuery.Seen : SearchQuery.HasKeyword("Done")));
            return;
        }

        Assert.Equal([3u, 4], left.Select(mail => mail.Uid));
        Assert.Equal(action == "Delete" ? [] : FollowUpSteps.Subjects(1, 2, 5, 6), await user.SubjectsAsync("Done"));
    }

    [Theory]
    [InlineData("Delete", " UID STORE ", "")]
    [InlineData("Move:Done", " UID COPY ", "MOVE")]
    [InlineData("Move:Done", " UID MOVE ", "")]
    public async Task A_folder_that_is_renumbered_before_the_restart_keeps_its_new_emails(string action, string command, string hidden)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        using var relay = new ImapRelay(servers.Dovecot.Port, hidden.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await KilledAsync(partition, relay, action, command, 1, 2);
        var before = await user.SubjectsAsync("Done");
        await user.RecreateAsync("INBOX");
        await user.AppendAsync(TestMail.Many(3, first: 11));

        using (Start(partition, relay, action))
            await FollowedUpAsync(partition);

        Assert.Equal(1, (await partition.CursorAsync())!.Epoch);
        Assert.Equal(FollowUpSteps.Subjects(11, 12, 13), await user.SubjectsAsync());
        Assert.DoesNotContain(await user.ReadAsync(), mail => mail.Flags.HasFlag(MessageFlags.Deleted));
        Assert.Equal(before, await user.SubjectsAsync("Done"));
    }

    [Fact]
    public async Task A_folder_that_is_read_only_after_the_restart_is_named_and_its_notes_wait()
    {
        await using var dovecot = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { HasAccessLists = true }, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var partition = new TestPartition(servers);
        dovecot.AddUser(partition.User, TestPartition.Password);
        using var imap = await PlainImap.ConnectAsync(dovecot.Port, partition.User, TestPartition.Password);
        await imap.AppendAsync("INBOX", TestMail.Many(3));
        using var relay = new ImapRelay(dovecot.Port);
        await KilledAsync(partition, relay, "Delete", " UID STORE ", 1, 2);
        await imap.CommandAsync("SETACL INBOX owner lr");

        using (Start(partition, relay, "Delete"))
        {
            await Eventually.TrueAsync(async () => (await MailboxAsync(partition)).FollowUpError is not null, "it is refused");
            // Null when the process that was killed had not completed a poll.
            var refused = (await MailboxAsync(partition)).LastSuccess ?? DateTimeOffset.MinValue;
            await Eventually.TrueAsync(async () => (await MailboxAsync(partition)).LastSuccess > refused, "polling goes on");
        }

        var mailbox = await MailboxAsync(partition);
        Assert.Contains("Mailboxes:0:AfterProcessing 'Delete' is refused", mailbox.FollowUpError, StringComparison.Ordinal);
        Assert.Contains("only for reading", mailbox.FollowUpError, StringComparison.Ordinal);
        Assert.Equal((2, null), (mailbox.FollowUpsWaiting, mailbox.Error));
        Assert.Equal(3, (await imap.ReadAsync("INBOX")).Count);

        await imap.CommandAsync("SETACL INBOX owner lrwstieka");
        await UnlockAsync(partition);
        using (Start(partition, relay, "Delete"))
            await FollowedUpAsync(partition);

        Assert.Equal([3u], (await imap.ReadAsync("INBOX")).Select(mail => mail.Uid));
    }

    // Reads the mailbox, notes emails, and kills the process that follows them up when the server has carried out the command.
    private static async Task KilledAsync(TestPartition partition, ImapRelay relay, string action, string command, params uint[] uids)
    {
        using var poller = Start(partition, relay, action);
        await Eventually.TrueAsync(async () => await partition.CursorAsync() is { Last: > 0 }, "the mailbox is read");
        relay.CutAfter(command, _ =>
        {
            poller.Kill();
            return Task.CompletedTask;
        });
        await partition.NoteAsync(NoteOutcome.Completed, uids);
        await Eventually.TrueAsync(() => relay.Cuts == 1, "the poller is killed");
        await UnlockAsync(partition);
    }

    private static ConsumerProcess Start(TestPartition partition, ImapRelay relay, string action) =>
        ConsumerProcess.StartPoller(partition, settings => Follow(settings, relay, action));

    private static void Follow(LocalSettings settings, ImapRelay relay, string action)
    {
        settings["Mailboxes:0:AfterProcessing"] = action;
        settings["Polling:FollowUpDelay"] = "00:00:00";
        // Dovecot keeps the access list of a connection for a while.
        settings["Polling:KeepConnection"] = "00:00:00";
        settings.By(relay);
    }

    private static async Task<MailboxSnapshot> MailboxAsync(TestPartition partition) =>
        (await partition.ReadSnapshotAsync()).Mailboxes.Single();

    private static Task FollowedUpAsync(TestPartition partition) =>
        Eventually.TrueAsync(async () => (await partition.NotesAsync()).Length == 0, "no note is left");

    // The lock of a killed process expires after a minute.
    private static async Task UnlockAsync(TestPartition partition) =>
        await partition.Database.KeyDeleteAsync(partition.Keys.MailboxLock(partition.Mailbox()));
}
