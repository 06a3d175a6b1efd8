using System.Globalization;
using System.Text;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using MailKit.Net.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests what is read of the answer to a request for data and beginnings of emails.</summary>
public sealed class FetchReaderTests : IDisposable
{
    private const int MaxBytes = 100;
    private const string Done = "T OK done\r\n";

    private readonly ServerStream _server;
    private readonly AnsweringStream _peer = new();
    private readonly FetchedBatch _batch = new(new PollBudget(1_000_000).Open());
    private SmallEmails _emails;

    public FetchReaderTests()
    {
        _server = new ServerStream(_peer);
        _emails = new SmallEmails([1, 2, 3], MaxBytes, _batch);
    }

    [Theory]
    [InlineData("* 7 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"27-Nov-2026 09:00:00 +0100\" RFC822.SIZE 5 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 7 fetch (BODY[] {5}\r\nHello RFC822.SIZE 5 flags (\\Seen) INTERNALDATE \"27-Nov-2026 09:00:00 +0100\" UID 1)\r\n")]
    [InlineData(
        "* 7 FETCH (UID 1 X (A (\"b\" NIL)) FLAGS (\\seen \\Recent) RFC822.SIZE 5 INTERNALDATE \"27-Nov-2026 08:00:00 +0000\" "
        + "BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 7 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"27-Nov-2026 08:00:00 +0000\" RFC822.SIZE 5 BODY[]<0> {5+}\nHello)\n")]
    public void An_email_is_read_in_any_order_of_its_items(string answer)
    {
        Assert.Equal(FetchAnswer.Complete, Read(answer + Done));

        var email = Assert.Single(_emails.Whole());
        Assert.Equal((1u, (long?)5), (email.Envelope.Uid, email.Envelope.Size));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 8, 0, 0, TimeSpan.Zero), email.Envelope.Received);
        Assert.Equal(["\\Seen"], email.Envelope.Flags!);
        Assert.Equal("Hello", Encoding.ASCII.GetString(email.Raw.Span));
    }

    [Theory]
    [InlineData("(\\Seen)", "(\\Seen)", "\\Seen")]
    [InlineData("(\\Seen)", "(\\Seen Work)", "\\Seen Work")]
    [InlineData("(\\Seen Work)", "(\\Seen)", "\\Seen")]
    [InlineData("(\\Seen)", "()", null)]
    [InlineData("()", "(\\Seen)", "\\Seen")]
    [InlineData("()", "(\\Recent)", null)]
    [InlineData("()", "()", null)]
    [InlineData("(\\Recent)", "(\\Recent)", null)]
    public void An_email_has_its_own_flags(string former, string flags, string? expected)
    {
        Read($"* 1 FETCH (UID 1 FLAGS {former})\r\n* 2 FETCH (UID 2 FLAGS {flags} RFC822.SIZE 5)\r\n" + Done);
        var second = Assert.Single(_emails.Envelopes, envelope => envelope.Uid == 2);
        Assert.Equal((expected, (long?)5), (second.Flags is null ? null : string.Join(' ', second.Flags), second.Size));
    }

    // Equal flags are read once, also after others.
    [Fact]
    public void Flags_are_those_of_each_email_whatever_comes_between()
    {
        Read(
            "* 1 FETCH (UID 1 FLAGS (\\Seen Work) RFC822.SIZE 5)\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged) RFC822.SIZE 6)\r\n"
            + "* 3 FETCH (FLAGS (\\Seen Work) UID 3 RFC822.SIZE 7)\r\n" + Done);
        Assert.Equal(
            ["1 5 \\Seen,Work", "2 6 \\Flagged", "3 7 \\Seen,Work"],
            _emails.Envelopes.OrderBy(envelope => envelope.Uid)
                .Select(envelope => $"{envelope.Uid} {envelope.Size} {string.Join(',', envelope.Flags!)}"));
    }

    [Fact]
    public void Equal_flags_of_following_emails_are_one_list()
    {
        Read(
            "* 1 FETCH (UID 1 FLAGS (\\Seen Work) RFC822.SIZE 5)\r\n* 2 FETCH (UID 2 FLAGS (\\Seen Work) RFC822.SIZE 6)\r\n" + Done);
        Assert.Same(_emails.Envelopes.Single(one => one.Uid == 1).Flags, _emails.Envelopes.Single(one => one.Uid == 2).Flags);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64 * 1024)]
    public void An_answer_may_come_in_pieces_of_any_size(int size)
    {
        _peer.Piece = size;
        Assert.Equal(FetchAnswer.Complete, Read(Email(1, "One") + "* 9 EXISTS\r\n" + Email(2, "Two\r\n") + Email(3, "* 3 FETCH (") + Done));
        Assert.Equal(["One", "Two\r\n", "* 3 FETCH ("], _emails.Whole().Select(email => Encoding.ASCII.GetString(email.Raw.Span)));
    }

    [Theory]
    [InlineData("* 1 FETCH (UID 1 RFC822.SIZE 6 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] \"Hello\")\r\n")]
    [InlineData("* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] NIL)\r\n")]
    [InlineData("* 1 FETCH (UID 1 RFC822.SIZE -1 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (UID 0 RFC822.SIZE 5 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (UID 9 RFC822.SIZE 5 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (RFC822.SIZE 5 BODY[]<0> {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (UID 1 RFC822.SIZE 0 BODY[]<0> {0}\r\n)\r\n")]
    [InlineData("* 1 FETCH (UID 1 FLAGS ())\r\n* SEARCH 1 2\r\n* OK [ALERT] Hello\r\n")]
    public void A_body_that_is_not_surely_whole_is_not_taken(string answer)
    {
        Assert.Equal(FetchAnswer.Complete, Read(answer + Done));
        Assert.Empty(_emails.Bodies);
    }

    [Fact]
    public void The_beginning_of_a_larger_email_is_not_taken()
    {
        var beginning = new string('x', MaxBytes);
        Read($"* 1 FETCH (UID 1 RFC822.SIZE {MaxBytes} BODY[]<0> {{{MaxBytes}}}\r\n{beginning})\r\n" + Email(2, "Two") + Done);
        Assert.Empty(_emails.Whole());
        Assert.Equal([2u], _emails.Bodies.Keys);
    }

    [Fact]
    public void The_first_answer_about_an_email_counts()
    {
        Read(Email(1, "One") + Email(1, "Two") + Done);
        Assert.Equal("One", Encoding.ASCII.GetString(_emails.Bodies[1].Span));
    }

    [Theory]
    [InlineData("UID 1 RFC822.SIZE 90")]
    [InlineData("UID 1 RFC822.SIZE 91")]
    [InlineData("UID 9 RFC822.SIZE 90")]
    [InlineData("RFC822.SIZE 90")]
    public void A_body_that_is_not_taken_keeps_no_memory(string items)
    {
        Read(string.Concat(Enumerable.Repeat($"* 1 FETCH ({items} BODY[]<0> {{90}}\r\n{new string('x', 90)})\r\n", 1_000)) + Done);
        Assert.InRange(_batch.Reserved, 0, 2 * 90);
    }

    [Theory]
    [InlineData("T NO [LIMIT] later\r\n", nameof(FetchAnswer.Refused))]
    [InlineData("T BAD what?\r\n", nameof(FetchAnswer.Unable))]
    [InlineData("* BYE [THROTTLED] later\r\n", nameof(FetchAnswer.Refused))]
    public void A_refusal_keeps_what_came_before_it(string refusal, string expected)
    {
        Assert.Equal(expected, Read(Email(1, "One") + refusal).ToString());
        Assert.Equal([1u], _emails.Bodies.Keys);
    }

    [Fact]
    public void What_follows_the_answer_is_left_to_be_read_next()
    {
        Read(Email(1, "One") + Done + "* 4 EXISTS\r\n");
        Assert.Equal("* 4 EXISTS\r\n", Rest());
    }

    [Fact]
    public void A_goodbye_is_left_to_be_read_next()
    {
        Read("* BYE [THROTTLED] later\r\n* OK\r\n");
        Assert.Equal("* BYE [THROTTLED] later\r\n* OK\r\n", Rest());
    }

    [Theory]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {101}\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {5}x\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {-5}\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {99999999999999999999}\r\n")]
    [InlineData("* 1 FETCH (UID 1 ENVELOPE {5}\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[HEADER] {5}\r\n")]
    [InlineData("* 1 FETCH (BODY[]<0> {5}\r\nHello BODY[] {5}\r\nHello)\r\n")]
    [InlineData("* 1 FETCH (UID 1\r\n")]
    [InlineData("* 1 FETCH (UID 1))\r\n")]
    [InlineData("* 1 FETCH (UID (1))\r\n")]
    [InlineData("* 1 FETCH (FLAGS \\Seen)\r\n")]
    [InlineData("* 1 FETCH (FLAGS (\"\\Seen\"))\r\n")]
    [InlineData("* 1 FETCH (INTERNALDATE \"27-Nov\r\n")]
    [InlineData("* 1 FETCH (INTERNALDATE \"27\\\"-Nov\")\r\n")]
    [InlineData("* LIST () \"/\" {5}\r\n")]
    [InlineData("* LIST () \"/\" {5+}\r\n")]
    [InlineData("* METADATA a (b ~{5}\r\n")]
    [InlineData("+ more\r\n")]
    [InlineData("U OK done\r\n")]
    [InlineData("\r\n")]
    public void Anything_else_is_given_up(string answer) => Assert.Throws<UnreadableAnswerException>(() => Read(answer + Done));

    [Theory]
    [InlineData("* OK [ALERT] Quota {90%}\r\n")]
    [InlineData("* NO Quota {90}\r\n")]
    [InlineData("* 4 EXISTS {}\r\n")]
    [InlineData("* LIST () \"/\" a}\r\n")]
    [InlineData("* LIST () \"/\" {5+x}\r\n")]
    [InlineData("* LIST () \"/\" 5}\r\n")]
    [InlineData("* }\r\n")]
    public void A_line_that_only_looks_like_a_literal_is_skipped(string line)
    {
        Assert.Equal(FetchAnswer.Complete, Read(line + Email(1, "One") + Done));
        Assert.Equal([1u], _emails.Bodies.Keys);
    }

    [Theory]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {101}\r\n", nameof(FetchAnswer.TooLong))]
    [InlineData("* 1 FETCH (UID 1 BODY[]<0> {5}x\r\n", nameof(FetchAnswer.Unreadable))]
    public void A_body_that_is_too_long_says_nothing_about_other_requests(string answer, string expected) =>
        Assert.Equal(expected, Assert.Throws<UnreadableAnswerException>(() => Read(answer)).Answer.ToString());

    [Fact]
    public void A_line_without_an_end_is_given_up() =>
        Assert.Throws<UnreadableAnswerException>(() => Read("* " + new string('x', 20_000)));

    [Fact]
    public void Lists_that_nest_without_an_end_are_given_up() =>
        Assert.Throws<UnreadableAnswerException>(() => Read($"* 1 FETCH (X {new string('(', 1_000)}\r\n"));

    [Fact]
    public void Responses_without_an_end_break_the_limit() =>
        Assert.Throws<ServerLimitException>(() => Read(string.Concat(Enumerable.Repeat("* 1 EXISTS\r\n", 100_000))));

    [Fact]
    public void Bodies_without_an_end_break_the_limit() =>
        Assert.Throws<ServerLimitException>(() => Read(string.Concat(Enumerable.Repeat(Email(1, new string('x', 90)), 20_000))));

    [Fact]
    public void The_end_of_the_connection_is_an_error() => Assert.Throws<ImapProtocolException>(() => Read(Email(1, "One")));

    [Theory]
    [InlineData("* SEARCH 1 2\r\nTs OK searched\r\n{email}T OK done\r\n")]
    [InlineData("{email}T OK done\r\n* SEARCH 1 2\r\nTs OK searched\r\n")]
    [InlineData("* SEARCH 2\r\n{email}* 9 EXISTS\r\n* SEARCH 1 1\r\nTs OK searched\r\nT OK done\r\n")]
    [InlineData("* search 0000000001  2 \r\nts ok searched\r\n{email}t ok done\r\n")]
    public void What_the_server_lists_beside_the_emails_is_read_in_any_order(string answer)
    {
        var listing = Listing(last: 0);
        Assert.Equal(FetchAnswer.Complete, Read(answer.Replace("{email}", Email(1, "One"), StringComparison.Ordinal) + "* 10 EXISTS\r\n"));
        _emails.Narrow();
        Assert.Equal([1u, 2], listing.Found);
        Assert.Equal([1u, 2], _emails.Uids);
        Assert.Equal(1u, Assert.Single(_emails.Whole()).Envelope.Uid);
        Assert.Equal("* 10 EXISTS\r\n", Rest());
    }

    [Theory]
    [InlineData("* SEARCH 3 4\r\nTs NO sorry\r\n")]
    [InlineData("* SEARCH 3 4\r\nTs BAD what\r\n")]
    [InlineData("* SEARCH 2\r\nTs OK searched\r\n")]
    [InlineData("Ts OK searched\r\n")]
    public void A_list_that_is_refused_or_has_nothing_above_is_empty(string answer)
    {
        var listing = Listing(last: 2);
        Assert.Equal(FetchAnswer.Complete, Read(answer + Done));
        _emails.Narrow();
        Assert.Empty(listing.Found);
        Assert.Empty(_emails.Uids);
    }

    [Theory]
    [InlineData("* SEARCH 1 x\r\n")]
    [InlineData("* SEARCH 0\r\n")]
    [InlineData("* SEARCH 4294967296\r\n")]
    [InlineData("Ts OK searched\r\nTs OK searched\r\n")]
    [InlineData("T OK done\r\nT OK done\r\n")]
    [InlineData("Tx OK done\r\n")]
    public void A_list_of_something_else_cannot_be_read(string answer)
    {
        Listing(last: 0);
        Assert.Throws<UnreadableAnswerException>(() => Read(answer + Done));
    }

    public void Dispose() => _server.Dispose();

    private UidsAbove Listing(uint last)
    {
        var listing = new UidsAbove(last);
        _emails = new SmallEmails([1, 2, 3], MaxBytes, _batch, listing);
        return listing;
    }

    private static string Email(uint uid, string body) => string.Create(
        CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} RFC822.SIZE {body.Length} BODY[]<0> {{{body.Length}}}\r\n{body})\r\n");

    private FetchAnswer Read(string answer)
    {
        _peer.Answer = new MemoryStream(Encoding.ASCII.GetBytes(answer));
        var budget = new ResponseBudget("host:143", ResponseLimits.Bodies([MaxBytes, MaxBytes, MaxBytes], MaxBytes));
        return new FetchReader(_server, budget, _emails).Run("T", "1:3");
    }

    private string Rest()
    {
        using var rest = new MemoryStream();
        _server.CopyTo(rest);
        return Encoding.ASCII.GetString(rest.ToArray());
    }
}
