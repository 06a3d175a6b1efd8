using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests servers whose UIDNEXT or SEARCH does not match the folder.</summary>
public class WrongUidNextTests(TestServers servers)
{
    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(3u)]
    [InlineData(5u)]
    [InlineData(100u)]
    [InlineData(uint.MaxValue)]
    public async Task From_now_on_old_mail_is_not_read_and_later_mail_once(uint uidNext)
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { UidNext = uidNext }.Fill(1, 2, 3, 4, 5);
        var host = await StartAsync(partition, mailbox);

        for (var poll = 0; poll < 3; poll++)
            Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        mailbox.Fill(6);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.Equal([6u], (await partition.EmailsAsync()).Select(email => email.Uid));
        var cursor = (await partition.CursorAsync())!;
        Assert.Equal((0, 6u), (cursor.Epoch, cursor.Last));
    }

    [Fact]
    public async Task An_email_that_arrives_while_the_start_is_searched_is_read()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox();
        // An empty folder receives its first email between two commands.
        mailbox.SearchedSince = () => mailbox.Fill(1);
        var host = await partition.StartPollerAsync(mailbox, settings => settings["Mailboxes:0:StartFrom"] = "2026-01-01");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_answer_above_the_last_email_is_trusted_if_SEARCH_finds_others(bool isWithoutUidNext)
    {
        await using var partition = new TestPartition(servers);
        // The newest email was deleted, so UIDNEXT is more than one above the last one.
        var mailbox = new ScriptedMailbox { UidNext = 9, IsWithoutUidNext = isWithoutUidNext, ListsNothing = true }.Fill(1, 2, 3, 4, 5);
        var host = await partition.StartPollerAsync(mailbox);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 5), await host.PollAsync());

        for (var poll = 0; poll < 5; poll++)
            Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Fact]
    public async Task Without_UIDNEXT_the_result_is_the_same()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { IsWithoutUidNext = true }.Fill(1, 2, 3, 4, 5);
        var host = await StartAsync(partition, mailbox);

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        mailbox.Fill(6);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(5u)]
    public async Task With_StartFrom_all_everything_is_read_once(uint uidNext)
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { UidNext = uidNext }.Fill(1, 2, 3, 4, 5);
        var host = await partition.StartPollerAsync(mailbox);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 5), await host.PollAsync());
        for (var poll = 0; poll < 3; poll++)
            Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        Assert.Equal(0, (await partition.CursorAsync())!.Epoch);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    public async Task A_folder_that_is_emptied_and_filled_again_doubles_nothing(uint uidNext)
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { UidNext = uidNext }.Fill(1, 2, 3);
        var host = await partition.StartPollerAsync(mailbox);
        await host.PollAsync();

        mailbox.Mails.Clear();
        for (var poll = 0; poll < 3; poll++)
            Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.InRange((await partition.CursorAsync())!.Epoch, 0, 1);

        mailbox.Fill(4, 5);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());
        Assert.Equal(5, (await partition.EmailsAsync()).Count);
    }

    [Fact]
    public async Task Where_SEARCH_finds_nothing_the_emails_that_FETCH_lists_are_read()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { SearchFindsNothing = true }.Fill(1, 2, 3);
        var host = await partition.StartPollerAsync(mailbox);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        mailbox.Fill(4);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
    }

    [Fact]
    public async Task Where_SEARCH_finds_nothing_StartFrom_still_works()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { SearchFindsNothing = true }.Fill(1, 2, 3);
        var now = await StartAsync(partition, mailbox);
        Assert.Equal(new PollResult(PollEnd.Complete), await now.PollAsync());
        await using var another = new TestPartition(servers);

        var day = await StartAsync(another, mailbox, $"{mailbox.Received.UtcDateTime:yyyy-MM-dd}");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await day.PollAsync());
    }

    [Fact]
    public async Task Where_SEARCH_and_FETCH_list_nothing_the_mailbox_fails_and_then_recovers()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox().Fill(1, 2, 3);
        var host = await partition.StartPollerAsync(mailbox);
        await host.PollAsync();
        mailbox.Fill(4);
        (mailbox.SearchFindsNothing, mailbox.ListsNothing) = (true, true);

        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        var third = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, third.End);
        Assert.Contains("reports 4 emails", third.Error, StringComparison.Ordinal);
        Assert.Contains("reports 4 emails", await partition.ErrorAsync(partition.Mailbox()), StringComparison.Ordinal);

        (mailbox.SearchFindsNothing, mailbox.ListsNothing) = (false, false);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Null(await partition.ErrorAsync(partition.Mailbox()));
    }

    [Fact]
    public async Task A_first_poll_without_UIDs_fails_instead_of_reading_old_mail_later()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { SearchFindsNothing = true, ListsNothing = true }.Fill(1, 2, 3);
        var host = await StartAsync(partition, mailbox);

        Assert.Equal(PollEnd.Failed, (await host.PollAsync()).End);

        (mailbox.SearchFindsNothing, mailbox.ListsNothing) = (false, false);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Theory]
    [InlineData("* SEARCH\r\n")]
    [InlineData("")]
    public async Task A_real_connection_reads_by_FETCH_where_SEARCH_finds_nothing(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            AnswerOverride = command =>
                command.StartsWith("UID SEARCH", StringComparison.Ordinal) ? new PeerAnswer(answer + "{tag} OK done\r\n") : null,
        };
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_real_connection_does_not_read_old_mail_as_new(int uidNext)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal)
            ? new PeerAnswer(
                $"* {peer.Count} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT {uidNext}] next\r\n{{tag}} OK [READ-ONLY] done\r\n")
            : null;
        var host = await partition.StartPollerAsync(settings =>
        {
            peer.Serve(settings);
            settings["Mailboxes:0:StartFrom"] = "now";
        });

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        peer.Count = 4;
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    private static Task<WebApplication> StartAsync(TestPartition partition, ScriptedMailbox mailbox, string startFrom = "now") =>
        partition.StartPollerAsync(mailbox, settings => settings["Mailboxes:0:StartFrom"] = startFrom);
}
