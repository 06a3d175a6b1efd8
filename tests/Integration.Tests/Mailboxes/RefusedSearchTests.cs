using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests servers that answer BAD or NO to SEARCH, or to one form of it.</summary>
public sealed class RefusedSearchTests(TestServers servers) : IDisposable
{
    private const int SearchRefused = 246;

    private readonly LogLines _log = new();

    public static TheoryData<string> Refusals => ["BAD unknown command", "NO search is not allowed", "NO [CANNOT] no"];

    public void Dispose() => _log.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task All_mail_is_read_by_FETCH_with_one_warning(string refusal)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH", refusal);
        var host = await StartAsync(partition, peer, "all");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        peer.Count = 5;
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());

        Assert.Equal([1u, 2, 3, 4, 5], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(
            [$"{partition.Mailbox()}: the server refuses SEARCH: {refusal} Reading the emails that FETCH lists."], _log.Of(SearchRefused));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task From_now_on_only_later_mail_is_read(string refusal)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH", refusal);
        var host = await StartAsync(partition, peer, "now");

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        peer.Count = 4;
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());

        Assert.Equal([4u], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Theory]
    [InlineData("UID SEARCH SINCE", "BAD what is SINCE?")]
    [InlineData("UID SEARCH SINCE", "NO not indexed")]
    [InlineData("UID SEARCH", "BAD what is SEARCH?")]
    public async Task A_start_date_selects_mail_by_its_date(string command, string refusal)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer(command, refusal);
        peer.Envelope = uid => $"RFC822.SIZE {ImapPeer.Body(uid).Length} INTERNALDATE \"2{uid}-Nov-2026 08:00:00 +0000\"";
        var host = await StartAsync(partition, peer, "2026-11-22");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        Assert.Equal([2u, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Single(_log.Of(SearchRefused));
    }

    [Fact]
    public async Task A_folder_with_a_new_epoch_is_read_again_without_repeats()
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH", "BAD what is SEARCH?");
        var received = TimeProvider.System.GetUtcNow().ToString("dd-MMM-yyyy HH:mm:ss", CultureInfo.InvariantCulture);
        peer.Envelope = uid => $"RFC822.SIZE {ImapPeer.Body(uid).Length} INTERNALDATE \"{received} +0000\"";
        var host = await StartAsync(partition, peer, "all");
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        var refused = peer.AnswerOverride;
        peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal)
            ? Examined(peer.Count, 8, peer.Count + 1)
            : refused(command);
        peer.Count = 4;

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1, Duplicates: 3), await host.PollAsync());
    }

    [Theory]
    [InlineData("BAD no RETURN here")]
    [InlineData("NO no RETURN here")]
    public async Task The_plain_SEARCH_is_used_where_the_extended_form_is_refused(string refusal)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH RETURN", refusal);
        var refused = peer.AnswerOverride;
        peer.AnswerOverride = command =>
            command == "CAPABILITY" ? new("* CAPABILITY IMAP4rev1 ESEARCH\r\n{tag} OK done\r\n") : refused(command);
        var host = await StartAsync(partition, peer, "all");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(2, peer.Commands.Count(command => command.StartsWith("UID SEARCH", StringComparison.Ordinal)));
        Assert.Empty(_log.Of(SearchRefused));
    }

    [Fact]
    public async Task New_mail_is_read_although_UIDNEXT_does_not_change_either()
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH", "BAD what?");
        var refused = peer.AnswerOverride;
        peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal)
            ? Examined(peer.Count, 7, 4)
            : refused(command);
        var host = await StartAsync(partition, peer, "all");
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        peer.Count = 4;

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
    }

    [Fact]
    public async Task An_email_that_is_listed_but_not_returned_is_not_skipped()
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH", "BAD what?");
        peer.BodyAnswer = uid => uid == 2 ? "NIL" : ImapPeer.Literal(ImapPeer.Body(uid));
        var host = await StartAsync(partition, peer, "all");

        Assert.Equal(new PollResult(PollEnd.Stuck, Appended: 1), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1, DeadLettered: 1), await host.PollAsync());

        Assert.Equal(DeadLetterReasons.FetchFailed, Assert.Single(await partition.DeadLettersAsync()).Reason);
        Assert.Equal([1u, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task The_mailbox_fails_and_skips_nothing_if_FETCH_lists_nothing_either()
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer("UID SEARCH", "BAD what?");
        var refused = peer.AnswerOverride;
        peer.AnswerOverride = command =>
            command.StartsWith("UID FETCH", StringComparison.Ordinal) ? new("{tag} BAD what?\r\n") : refused(command);
        var host = await StartAsync(partition, peer, "all");

        await host.PollAsync();
        await host.PollAsync();
        var third = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, third.End);
        Assert.Contains("reports 3 emails", third.Error, StringComparison.Ordinal);
        peer.AnswerOverride = _ => null;
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
    }

    private static ImapPeer Peer(string command, string refusal) => new()
    {
        AnswerOverride = given => given.StartsWith(command, StringComparison.Ordinal) ? new PeerAnswer($"{{tag}} {refusal}\r\n") : null,
    };

    private static PeerAnswer Examined(uint count, uint uidValidity, uint uidNext) =>
        new($"* {count} EXISTS\r\n* OK [UIDVALIDITY {uidValidity}] x\r\n* OK [UIDNEXT {uidNext}] x\r\n{{tag}} OK [READ-ONLY] done\r\n");

    private Task<WebApplication> StartAsync(TestPartition partition, ImapPeer peer, string startFrom) => partition.StartPollerAsync(
        settings =>
        {
            peer.Serve(settings);
            settings["Mailboxes:0:StartFrom"] = startFrom;
            settings["Polling:FetchAttempts"] = "2";
        },
        services => services.AddLogging(logging => logging.AddProvider(_log)));
}
