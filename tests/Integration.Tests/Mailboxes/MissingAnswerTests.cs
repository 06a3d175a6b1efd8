using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests UIDs that SEARCH lists and FETCH leaves out.</summary>
public class MissingAnswerTests(TestServers servers)
{
    [Fact]
    public async Task An_email_without_an_envelope_is_dead_lettered_after_its_last_attempt()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutEnvelope = { 3 } }.Fill(1, 2, 3, 4, 5);

        await IsDeadLetteredAfterThreePollsAsync(partition, mailbox);

        Assert.Equal([1u, 2u, 4u, 5u], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task An_email_without_a_body_is_dead_lettered_after_its_last_attempt()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutBody = { 3 } }.Fill(1, 2, 3, 4, 5);

        await IsDeadLetteredAfterThreePollsAsync(partition, mailbox);

        Assert.Equal([1u, 2u, 4u, 5u], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task Several_emails_that_the_server_omits_are_dead_lettered_one_by_one()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutEnvelope = { 1 }, WithoutBody = { 4 } }.Fill(1, 2, 3, 4, 5);
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Polling:FetchAttempts"] = "2");

        PollEnd[] ends = [(await host.PollAsync()).End, (await host.PollAsync()).End, (await host.PollAsync()).End];

        Assert.Equal([PollEnd.Stuck, PollEnd.Stuck, PollEnd.Complete], ends);
        Assert.Equal([2u, 3u, 5u], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal([1u, 4u], (await partition.DeadLettersAsync()).Select(deadLetter => deadLetter.Uid!.Value));
        Assert.Equal(5u, (await partition.CursorAsync())!.Last);
    }

    [Fact]
    public async Task An_email_that_arrives_late_is_not_dead_lettered()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutBody = { 2 } }.Fill(1, 2, 3);
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Polling:FetchAttempts"] = "3");
        Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);
        Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);

        mailbox.WithoutBody.Clear();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());
        Assert.Equal(TestMail.Many(3).Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task An_email_left_out_once_is_requested_again_in_the_same_poll()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutEnvelope = { 2 } }.Fill(1, 2, 3);
        var host = await partition.StartPollerAsync(new HookedMailbox(mailbox) { SearchingExisting = mailbox.WithoutEnvelope.Clear });

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(TestMail.Many(3).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task An_email_expunged_after_the_search_is_skipped_at_once()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox().Fill(1, 2, 3);
        mailbox.Searched = () => mailbox.Mails.Remove(2);
        var host = await partition.StartPollerAsync(mailbox);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());

        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task A_poll_whose_found_emails_are_all_expunged_is_complete()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox().Fill(1, 2, 3);
        mailbox.Searched = mailbox.Mails.Clear;
        mailbox.UidNext = 4;
        var host = await partition.StartPollerAsync(mailbox);

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        mailbox.Fill(4);
        mailbox.UidNext = 5;
        mailbox.Searched = () => { };
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
    }

    private static async Task IsDeadLetteredAfterThreePollsAsync(TestPartition partition, ScriptedMailbox mailbox)
    {
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Polling:FetchAttempts"] = "3");

        Assert.Equal(new PollResult(PollEnd.Stuck, Appended: 2), await host.PollAsync());
        Assert.Equal(2u, (await partition.CursorAsync())!.Last);
        Assert.Equal(new PollResult(PollEnd.Stuck), await host.PollAsync());
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, DeadLettered: 1), await host.PollAsync());

        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(DeadLetterReasons.FetchFailed, deadLetter.Reason);
        Assert.Equal((3u, "headers", "Mail 3"), (deadLetter.Uid!.Value, deadLetter.Body, deadLetter.Subject));
        Assert.Equal("The server lists UID 3 and did not return it in 3 polls.", deadLetter.ErrorMessage);
        Assert.Equal(5u, (await partition.CursorAsync())!.Last);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }
}
