using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that whole bodies are read without MailKit, and through it where the answer is another than expected.</summary>
public sealed class WholeMailTests(TestServers servers)
{
    private const string Whole = "(BODY.PEEK[])";

    [Theory]
    [InlineData(100_000)]
    [InlineData(200_000)]
    public async Task Larger_emails_take_one_request_for_their_bodies(int length)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer(length);
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(["UID FETCH 1:3 (BODY.PEEK[])"], Requests(peer));
        Assert.Equal([1u, 2, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Theory]
    [InlineData("{tag} NO not now\r\n", 1)]
    [InlineData("{tag} BAD what?\r\n", 1)]
    [InlineData("* 1 FETCH (UID 1 BODY[] NIL)\r\n{tag} OK done\r\n", 1)]
    [InlineData("* 1 FETCH (UID 1 BODY[] {x}\r\n", 2)]
    [InlineData("* 1 FETCH (UID 1 BODY[] {900000000}\r\n", 2)]
    [InlineData("+ more\r\n", 2)]
    public async Task Another_answer_is_read_through_MailKit_in_the_same_poll(string answer, int connections)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer(100_000);
        var asked = 0;
        peer.AnswerOverride = command =>
            command.EndsWith(Whole, StringComparison.Ordinal) && ++asked == 1 ? new PeerAnswer(answer) : null;
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(["UID FETCH 1:3 (BODY.PEEK[])", "UID FETCH 1:3 (BODY.PEEK[])"], Requests(peer));
        Assert.Equal([1u, 2, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(connections, peer.Connections);
    }

    [Theory]
    [InlineData("* 1 FETCH (UID 1 BODY[] {100000}\r\n")]
    [InlineData("{tag} BAD what?\r\n")]
    public async Task A_server_that_knows_no_parts_of_bodies_is_asked_for_whole_ones(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer(100_000);
        var asked = 0;
        peer.AnswerOverride = command =>
            command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer(answer)
            // MailKit would request each email alone after it.
            : command.EndsWith(Whole, StringComparison.Ordinal) && ++asked == 1 ? new PeerAnswer("{tag} NO not now\r\n") : null;
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(["UID FETCH 1:3 (BODY.PEEK[])", "UID FETCH 1:3 (BODY.PEEK[])"], Requests(peer));
    }

    [Fact]
    public async Task After_a_body_above_the_largest_message_the_next_poll_asks_as_before()
    {
        await using var partition = new TestPartition(servers);
        using var peer = Peer(100_000);
        var plain = peer.BodyAnswer;
        // The server announces less.
        peer.BodyAnswer = uid => uid % 3 == 2 ? ImapPeer.Literal(ImapPeer.Body(uid) + new string('x', 200_000)) : plain(uid);
        var host = await partition.StartPollerAsync(settings =>
        {
            peer.Serve(settings);
            settings["Polling:MaxMessageBytes"] = "150000";
        });
        var logins = new List<int>();
        for (var poll = 0; poll < 3; poll++)
        {
            Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, DeadLettered: 1), await host.PollAsync());
            logins.Add(peer.Connections);
            peer.Count += 3;
        }

        Assert.Equal([1u, 3, 4, 6, 7, 9], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal([2u, 5, 8], (await partition.DeadLettersAsync()).Select(one => one.Uid!.Value));
        // Only an answer to the request for all bodies costs another connection.
        Assert.Equal([2, 3, 4], logins);
    }

    private static ImapPeer Peer(int length)
    {
        string Body(uint uid) => ImapPeer.Body(uid) + new string('x', length);
        return new ImapPeer
        {
            Envelope = uid => $"RFC822.SIZE {Body(uid).Length} {ImapPeer.Received}",
            BodyAnswer = uid => ImapPeer.Literal(Body(uid)),
        };
    }

    private static IEnumerable<string> Requests(ImapPeer peer) =>
        peer.Commands.Where(command => command.EndsWith(Whole, StringComparison.Ordinal));
}
