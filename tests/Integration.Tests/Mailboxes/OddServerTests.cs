using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests servers with unusual answers.</summary>
public class OddServerTests(TestServers servers)
{
    [Fact]
    public async Task Answers_out_of_order_are_appended_in_order()
    {
        await using var partition = new TestPartition(servers);
        var host = await partition.StartPollerAsync(new ScriptedMailbox { Backwards = true }.Fill(1, 2, 3, 4, 5));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 5), await host.PollAsync());

        Assert.Equal(TestMail.Many(5).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task Answers_that_come_twice_are_appended_once()
    {
        await using var partition = new TestPartition(servers);
        var host = await partition.StartPollerAsync(new ScriptedMailbox { Twice = true }.Fill(1, 2, 3, 4, 5));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 5), await host.PollAsync());

        Assert.Equal(TestMail.Many(5).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task Sparse_uids_up_to_the_highest_are_read()
    {
        await using var partition = new TestPartition(servers);
        uint[] uids = [1, 7, 1_000, 65_536, 2_147_483_648, uint.MaxValue - 1];
        var host = await partition.StartPollerAsync(new ScriptedMailbox().Fill(uids), settings => settings["Polling:FetchBatch"] = "4");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 6), await host.PollAsync());

        Assert.Equal(uids, (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(uids[^1], (await partition.CursorAsync())!.Last);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Fact]
    public async Task A_connection_lost_between_bodies_leaves_the_cursor_at_the_last_append()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { DiesAfterBodies = 25 }.Fill(Enumerable.Range(1, 40).Select(uid => (uint)uid));
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Polling:FetchBatch"] = "10");

        var cut = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, 25), (cut.End, cut.Appended));
        Assert.Equal("IOException: The connection died.", await partition.ErrorAsync(partition.Mailbox()));
        Assert.Equal(25u, (await partition.CursorAsync())!.Last);
        Assert.Equal(25, (await partition.EmailsAsync()).Count);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 15), await host.PollAsync());
        Assert.Equal(TestMail.Many(40).Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Null(await partition.ErrorAsync(partition.Mailbox()));
    }

    [Fact]
    public async Task Restarted_UIDs_under_the_same_UIDVALIDITY_are_a_new_epoch()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox().Fill(1, 2, 3, 4, 5);
        var host = await partition.StartPollerAsync(mailbox);
        await host.PollAsync();

        // A restored backup: the last two emails are gone, and two others have their UIDs.
        mailbox.Mails.Remove(4);
        mailbox.Mails.Remove(5);
        mailbox.Mails[4] = TestMail.Of(40);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1, Duplicates: 3), await host.PollAsync());
        mailbox.Mails[5] = TestMail.Of(50);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());

        var emails = await partition.EmailsAsync();
        Assert.Equal(
            TestMail.Many(5).Append(TestMail.Of(40)).Append(TestMail.Of(50)).Texts(),
            emails.Texts());
        Assert.Equal(7, emails.Select(email => email.Id).Distinct().Count());
        var cursor = (await partition.CursorAsync())!;
        Assert.Equal((1, 1u, 5u), (cursor.Epoch, cursor.UidValidity, cursor.Last));
    }

    [Fact]
    public async Task A_body_longer_than_announced_is_accepted_whole()
    {
        await using var partition = new TestPartition(servers);
        var host = await partition.StartPollerAsync(new ScriptedMailbox { Announced = { [2] = 10 } }.Fill(1, 2, 3));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(TestMail.Many(3).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task A_body_longer_than_announced_and_than_the_limit_is_oversize()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { Announced = { [2] = 10 } }.Fill(1, 2, 3);
        mailbox.Mails[2] = TestMail.Of(2, new string('x', 2_000));
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Polling:MaxMessageBytes"] = "1024");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, DeadLettered: 1), await host.PollAsync());

        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(DeadLetterReasons.Oversize, deadLetter.Reason);
        // The error names the received size. The announced 10 bytes are below 1024.
        Assert.Equal($"{mailbox.Mails[2].Length} bytes; Polling:MaxMessageBytes is 1024.", deadLetter.ErrorMessage);
    }
}
