using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using MailKit.Net.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests what is read of the answer to a request for whole bodies.</summary>
public sealed class WholeEmailsTests : IDisposable
{
    private const int MaxBytes = 500_000;
    private const string Done = "T OK done\r\n";

    private readonly AnsweringStream _peer = new();
    private readonly ServerStream _server;
    private readonly FetchedBatch _batch = new(new PollBudget(1_000_000).Open());
    private readonly List<(uint Uid, string Body, byte[] Sha256)> _received = [];
    private readonly WholeEmails _emails;

    public WholeEmailsTests()
    {
        _server = new ServerStream(_peer);
        _emails = new WholeEmails(
            [1, 2, 3], MaxBytes, _batch, (uid, body, sha256) => _received.Add((uid, Encoding.ASCII.GetString(body.Span), sha256)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(65_537)]
    [InlineData(int.MaxValue)]
    public void Bodies_of_any_size_come_with_their_hashes_in_pieces_of_any_size(int piece)
    {
        _peer.Piece = piece;
        string[] bodies = [new string('a', 400_000), "* 3 FETCH (", new string('b', 70_000)];
        Assert.Equal(FetchAnswer.Complete, Read(string.Concat(bodies.Select((body, index) => Email((uint)index + 1, body))) + Done));

        Assert.Equal(bodies, _received.Select(email => email.Body));
        Assert.Equal(bodies.Select(body => SHA256.HashData(Encoding.ASCII.GetBytes(body))), _received.Select(email => email.Sha256));
        Assert.Equal(bodies.Sum(body => body.Length), _emails.Bytes);
    }

    [Fact]
    public void Bodies_that_were_not_requested_or_come_again_are_dropped()
    {
        Read(Email(9, "Nine") + Email(2, "Two") + Email(2, "Again") + Email(0, "None") + Email(1, "One") + Done);

        Assert.Equal([(2u, "Two"), (1u, "One")], _received.Select(email => (email.Uid, email.Body)));
        Assert.All(_received, email => Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(email.Body)), email.Sha256));
    }

    [Theory]
    [InlineData("* 1 FETCH (UID 1 BODY[] NIL)\r\n", true)]
    [InlineData("* 1 FETCH (UID 1 BODY[] \"Hello\")\r\n", true)]
    [InlineData("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n", true)]
    [InlineData("* 1 FETCH (UID 9 FLAGS (\\Seen))\r\n", false)]
    public void An_answer_without_a_literal_is_left_to_MailKit(string answer, bool isLeft)
    {
        Assert.Equal(FetchAnswer.Complete, Read(answer + Done));
        Assert.Equal(isLeft, _emails.HasOtherForms);
        Assert.Empty(_received);
    }

    [Theory]
    [InlineData("T NO [LIMIT] later\r\n", nameof(FetchAnswer.Refused))]
    [InlineData("T BAD what?\r\n", nameof(FetchAnswer.Unable))]
    [InlineData("* BYE [THROTTLED] later\r\n", nameof(FetchAnswer.Refused))]
    public void A_refusal_keeps_the_bodies_before_it(string refusal, string expected)
    {
        Assert.Equal(expected, Read(Email(1, "One") + Email(2, "Two") + refusal).ToString());

        Assert.Equal([(1u, "One"), (2u, "Two")], _received.Select(email => (email.Uid, email.Body)));
        Assert.Equal(6, _emails.Bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(70_000)]
    public void A_cut_in_a_body_keeps_those_before_it_and_counts_what_has_come(int came)
    {
        var cut = $"* 2 FETCH (UID 2 BODY[] {{100000}}\r\n{new string('b', came)}";

        Assert.Throws<ImapProtocolException>(() => Read(Email(1, "One") + cut));

        Assert.Equal([(1u, "One")], _received.Select(email => (email.Uid, email.Body)));
        Assert.Equal(3 + came, _emails.Bytes);
    }

    [Fact]
    public void A_body_of_no_bytes_has_the_hash_of_none()
    {
        Assert.Equal(FetchAnswer.Complete, Read(Email(1, "") + Email(2, "Two") + Done));

        Assert.Equal([(1u, ""), (2u, "Two")], _received.Select(email => (email.Uid, email.Body)));
        Assert.All(_received, email => Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(email.Body)), email.Sha256));
    }

    [Fact]
    public void A_body_above_the_largest_message_is_not_read() =>
        Assert.Throws<UnreadableAnswerException>(() => Read("* 1 FETCH (UID 1 BODY[] {500001}\r\n"));

    public void Dispose()
    {
        _emails.Dispose();
        _server.Dispose();
    }

    private static string Email(uint uid, string body) => string.Create(
        CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} BODY[] {{{body.Length}}}\r\n{body})\r\n");

    private FetchAnswer Read(string answer)
    {
        _peer.Answer = new MemoryStream(Encoding.ASCII.GetBytes(answer));
        var budget = new ResponseBudget("host:143", ResponseLimits.Bodies([MaxBytes, MaxBytes, MaxBytes], MaxBytes));
        return new FetchReader(_server, budget, _emails).Run("T", "1:3");
    }
}
