using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that one message that the server cannot return does not stop its mailbox, however the request fails.</summary>
public sealed class RefusedMessageTests(TestServers servers)
{
    private const uint Bad = 2;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("{tag} NO [SERVERBUG] that message cannot be read\r\n", false, 2)]
    [InlineData("* BYE that message cannot be read\r\n", true, 3)]
    [InlineData("* 2 FETCH (UID 2 BODY[] {1000}\r\nSubject: half of i", true, 3)]
    [InlineData("* 2 FETCH (UID 2 BODY[] {1000}\r\nSubject: half of i", false, 3)]
    [InlineData("", true, 3)]
    public async Task A_message_that_always_fails_is_dead_lettered_and_others_are_read(string says, bool closesConnection, int polls)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { BodyOverrides = { [Bad] = new PeerAnswer(says, closesConnection) } };
        var host = await StartAsync(partition, peer);

        PollResult result = new(PollEnd.Stuck);
        for (var poll = 1; poll <= polls; poll++)
        {
            Assert.NotEqual(PollEnd.Complete, result.End);
            Assert.Empty(await partition.DeadLettersAsync());
            result = await PollAsync(host);
        }

        Assert.Equal((PollEnd.Complete, 1, 1), (result.End, result.Appended, result.DeadLettered));
        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(("fetch-failed", (uint?)Bad), (deadLetter.Reason, deadLetter.Uid));
    }

    [Fact]
    public async Task A_message_whose_header_also_ends_the_connection_is_dead_lettered()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            AnswerOverride = command =>
                command.StartsWith("UID FETCH 2 (", StringComparison.Ordinal) ? new PeerAnswer("", ClosesConnection: true) : null,
        };
        peer.BodyOverrides[Bad] = new PeerAnswer("", ClosesConnection: true);
        var host = await StartAsync(partition, peer);

        for (var poll = 0; poll < 4; poll++)
        {
            Assert.Empty(await partition.DeadLettersAsync());
            await PollAsync(host);
        }

        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(
            ("fetch-failed", "none"),
            (Assert.Single(await partition.DeadLettersAsync()).Reason, (await partition.DeadLettersAsync())[0].Body));
    }

    [Fact]
    public async Task A_message_that_is_silent_until_the_deadline_after_a_cut_is_dead_lettered()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            AnswerOverride = command =>
                command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer("", ClosesConnection: true) : null,
            BodyOverrides = { [1] = new PeerAnswer("") },
        };
        int Asked() => peer.Commands.Count(command => command.EndsWith("(BODY.PEEK[])", StringComparison.Ordinal));
        var host = await StartAsync(partition, peer, serverTimeout: "00:04:00");
        var mailboxes = host.Services.GetRequiredService<MailboxPolls>();
        for (var polls = 0; polls < 2; polls++)
        {
            Assert.Empty(await partition.DeadLettersAsync());
            _time.Advance(TimeSpan.FromHours(1));
            var (before, poll) = (Asked(), mailboxes.Begin(mailboxes.Mailboxes[0]));
            await Eventually.TrueAsync(() => Asked() > before, "the message is requested");
            _time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(PollEnd.Failed, (await poll).End);
        }

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, DeadLettered: 1), await PollAsync(host));
        Assert.Equal(1u, Assert.Single(await partition.DeadLettersAsync()).Uid);
        Assert.Equal([2u, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task After_a_cut_the_message_at_the_cut_is_requested_separately()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 5, BodyOverrides = { [Bad] = new PeerAnswer("", ClosesConnection: true) } };
        var host = await StartAsync(partition, peer);
        // The first cut is at the request for all of them, which blames no email. The second one is in the same poll.
        await PollAsync(host);
        Assert.Equal([1u], (await partition.EmailsAsync()).Select(email => email.Uid));

        peer.BodyOverrides.Clear();
        peer.Commands.Clear();
        var result = await PollAsync(host);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 4), result);
        Assert.Equal(
            ["UID FETCH 2 (BODY.PEEK[])", "UID FETCH 3:5 (BODY.PEEK[])"],
            peer.Commands.Where(command => command.Contains("BODY", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Occasional_cuts_cause_no_dead_letters()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 6 };
        var host = await StartAsync(partition, peer);

        for (var uid = 1u; uid <= 6; uid++)
        {
            peer.BodyOverrides[uid] = new PeerAnswer("", ClosesConnection: true);
            await PollAsync(host);
            peer.BodyOverrides.Clear();
        }

        await PollAsync(host);
        Assert.Equal([1u, 2, 3, 4, 5, 6], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    private Task<WebApplication> StartAsync(
        TestPartition partition, ImapPeer peer, string serverTimeout = "00:00:01") => partition.StartPollerAsync(
        settings =>
        {
            peer.Serve(settings);
            settings["Polling:FetchAttempts"] = "2";
            settings["Polling:ServerTimeout"] = serverTimeout;
        },
        services => services.AddSingleton<TimeProvider>(_time));

    // After the end of every earlier back-off.
    private Task<PollResult> PollAsync(WebApplication host)
    {
        _time.Advance(TimeSpan.FromHours(1));
        return host.PollAsync();
    }
}
