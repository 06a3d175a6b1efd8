using System.Text;
using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public class ResponseWatchTests
{
    private const string Greeting =
        "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN] Dovecot ready.\r\n";

    private static readonly ResponseLimits Bodies = new(100_000, 50_000, 10_000, 20_000);

    [Theory]
    [InlineData("A1 OK done\r\n")]
    [InlineData("* OK text with \"one quote\r\n* OK and ((((( some { braces\r\n")]
    [InlineData(
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)\r\n"
        + "* OK [PERMANENTFLAGS (\\Answered \\*)] Flags permitted.\r\n")]
    [InlineData("* OK [PERMANENTFLAGS (a]b \\*)] Flags with a bracket.\r\n")]
    [InlineData("* LIST (\\HasNoChildren) \"/\" {6+}\r\nW(x)rk\r\nA1 OK done\r\n")]
    [InlineData("* LIST (\\HasNoChildren) \"/\" \"a \\\"quoted\\\" name\"\r\n")]
    [InlineData("* ID (\"name\" \"an \"unescaped\" quote\" \"version\" NIL)\r\n")]
    [InlineData("* SEARCH 1 2 3 4294967295\r\n* ESEARCH (TAG \"A1\") UID ALL 1:100000000\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[] {12}\r\n(((\"\"{{\r\n(())\r\n* 2 FETCH (BODY[HEADER]<0> {2}\r\n\"\" UID 2)\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[] {3}\r\nabc\r\n)\r\nA1 OK a literal that is announced a line end too short\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[] NIL)\r\n* 2 FETCH (UID 2 BODY[] \"\")\r\n* 3 FETCH (BODY[] {0}\r\n UID 3)\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODY[]{9}\r\n((((\"\"\"\"\")\r\n* 2 FETCH (UID 2 BODY[]<0>  {9}\r\n((((\"\"\"\"\")\r\n")]
    [InlineData(
        "+ \r\n+ idling ((( {9\r\nA1 NO [AUTHENTICATIONFAILED] \"x\" is wrong\r\n* BYE\r\n* 1 what a BYE without words leaves {5}\r\n")]
    public void Answers_of_honest_servers_pass(string text) => Assert.Null(Verdict(Greeting + text, Bodies));

    [Theory]
    [InlineData("* 1 FETCH (BODYSTRUCTURE {depth}", "a response nested more than 64 deep")]
    [InlineData("* OK [X {depth}", "a response nested more than 64 deep")]
    [InlineData("* LIST () \"/\" {4000}\r\n{depth}", "a response nested more than 64 deep")]
    [InlineData("* 1 FETCH (BODY[] {2147483648}\r\n", "a literal of 2147483648 bytes where at most 10000 are expected")]
    [InlineData("* 1 FETCH (XBODY[] {5000}\r\n", "a literal of 5000 bytes where at most 4096 are expected")]
    [InlineData("* 1 FETCH (X BODY {5000}\r\n", "a literal of 5000 bytes where at most 4096 are expected")]
    [InlineData("* 1 FETCH (ENVELOPE (BODY[] {5000}\r\n", "a literal of 5000 bytes where at most 4096 are expected")]
    [InlineData("* 1 FETCH (BODY[] {99999999999999999999}\r\n", "a literal whose size is not well formed")]
    [InlineData("* 1 FETCH (BODY[] {-1}\r\n", "a literal whose size is not well formed")]
    [InlineData("* 1 FETCH (BODY[] {}\r\n", "a literal whose size is not well formed")]
    [InlineData("* 1 FETCH (BODY[] {5}x", "a literal whose size is not well formed")]
    [InlineData("* 1 FETCH (FLAGS {6}\r\nab\"", "quotes or line ends in a literal that is no body")]
    [InlineData("* OK {5}\r\n", "a literal in place of a text")]
    [InlineData("* OK [X {5}\r\n", "a response code that is not well formed")]
    [InlineData("* OK [X (a] \"", "a response code that is not well formed")]
    [InlineData("* 1 FETCH (UID 1\r\n* 2 FETCH", "a response that ends within a list")]
    [InlineData("* PREAUTH again\r\n", "PREAUTH after its greeting")]
    [InlineData("* LIST () \"/\" \"{quoted}", "a quoted string of more than 65536 bytes")]
    [InlineData("* OK {endless}", "a response of more than 100000 bytes")]
    [InlineData("* XYZ {endless}", "a response of more than 100000 bytes")]
    [InlineData("{flood}", "more than 200000 bytes in answer to one command")]
    [InlineData("* SEARCH {disorder}", "a SEARCH answer with more than 65536 UIDs out of order")]
    [InlineData(
        "* 1 FETCH (BODY[] {9000}\r\n{9000})\r\n* 1 FETCH (BODY[] {9000}\r\n{9000})\r\n* 1 FETCH (BODY[] {9000}\r\n",
        "more than 20000 bytes of bodies in answer to one command")]
    public void An_answer_that_costs_too_much_ends_with_an_error_that_says_why(string attack, string sent)
    {
        var text = attack
            .Replace("{depth}", new string('(', 70), StringComparison.Ordinal)
            .Replace("{quoted}", new string('x', 70_000), StringComparison.Ordinal)
            .Replace("{endless}", new string('x', 110_000), StringComparison.Ordinal)
            .Replace("{flood}", string.Concat(Enumerable.Repeat("* 5 EXISTS\r\n", 20_000)), StringComparison.Ordinal)
            .Replace("{disorder}", string.Concat(Enumerable.Repeat("2 1 ", 70_000)), StringComparison.Ordinal)
            .Replace("\n{9000}", "\n" + new string('(', 9_000), StringComparison.Ordinal);
        var limits = new ResponseLimits(200_000, 100_000, 10_000, 20_000);
        if (attack.Contains("disorder", StringComparison.Ordinal))
            limits = ResponseLimits.Search(1_000_000);

        Assert.Equal($"mail.example:993 sent {sent}; the connection was closed.", Verdict(Greeting + text, limits));
    }

    [Fact]
    public void A_greeting_without_an_end_fails_at_64_KiB() => Assert.Equal(
        "mail.example:993 sent a greeting of more than 65536 bytes; the connection was closed.",
        Verdict("* OK " + new string('x', 66_000), ResponseLimits.Greeting));

    [Fact]
    public void No_body_is_expected_where_none_was_asked_for() => Assert.Equal(
        "mail.example:993 sent a literal of 4097 bytes where at most 4096 are expected; the connection was closed.",
        Verdict(Greeting + "* 1 FETCH (UID 1 BODY[] {4097}\r\n", ResponseLimits.Command));

    [Theory]
    [InlineData("A2 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", true)]
    [InlineData("* CAPABILITY IMAP4rev1\r\nA2 OK begin\r\n", false)]
    public void Nothing_may_stand_between_the_answer_to_starttls_and_tls(string text, bool isBroken)
    {
        var watch = new ResponseWatch("mail.example:143");
        watch.Reset();
        watch.Read(Encoding.Latin1.GetBytes(Greeting));
        watch.StartTls();

        var error = Record.Exception(() => watch.Read(Encoding.Latin1.GetBytes(text)));

        Assert.Equal(isBroken, error is ServerLimitException);
    }

    [Fact]
    public void Each_answer_has_a_budget_of_its_own()
    {
        var watch = new ResponseWatch("mail.example:993");
        watch.Reset();
        watch.Read(Encoding.Latin1.GetBytes(Greeting));
        for (var i = 0; i < 100; i++)
        {
            watch.Expect(new ResponseLimits(4_000, 4_000));
            watch.Read(Encoding.Latin1.GetBytes($"* OK {new string('x', 3_000)}\r\n"));
        }
    }

    internal static string? Verdict(string text, ResponseLimits limits, IEnumerable<int>? cuts = null)
    {
        var watch = new ResponseWatch("mail.example:993");
        watch.Reset();
        watch.Expect(limits);
        var bytes = Encoding.Latin1.GetBytes(text);
        try
        {
            var from = 0;
            foreach (var cut in (cuts ?? []).Append(bytes.Length))
            {
                watch.Read(bytes.AsSpan(from, cut - from));
                from = cut;
            }

            return null;
        }
        catch (ServerLimitException e)
        {
            return e.Message;
        }
    }
}
