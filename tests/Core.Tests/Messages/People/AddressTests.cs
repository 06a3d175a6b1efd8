using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.People;

public sealed class AddressTests
{
    private static readonly string[] Pieces =
    [
        "ann@example.org", "Ann", "\"", "\\", "<", ">", "(", ")", ",", ";", ":", " ", "@", ".", "=?utf-8?Q?=C3=BC?=",
        "=?utf-8?Q?a@b,c@d", "?=", "group", "é", "xn--mnchen-3ya.de", "mailto:", "'", "\r\n ",
    ];

    [Theory]
    [InlineData("ann@example.org", null, "ann@example.org")]
    [InlineData("<ann@example.org>", null, "ann@example.org")]
    [InlineData("Ann Example <ann@example.org>", "Ann Example", "ann@example.org")]
    [InlineData("\"Example, Ann\" <ann@example.org>", "Example, Ann", "ann@example.org")]
    [InlineData("\"Ann \\\"A\\\" E\" <ann@example.org>", "Ann \"A\" E", "ann@example.org")]
    [InlineData("Ann\r\n Example\r\n <ann@example.org>", "Ann Example", "ann@example.org")]
    [InlineData("ann@example.org (Ann Example)", "Ann Example", "ann@example.org")]
    [InlineData("Ann (work) <ann@example.org>", "Ann", "ann@example.org")]
    [InlineData("<ann@example.org> Ann", "Ann", "ann@example.org")]
    [InlineData("=?utf-8?Q?J=C3=BCrgen?= <j@example.org>", "Jürgen", "j@example.org")]
    [InlineData("\"=?utf-8?Q?J=C3=BCrgen?=\" <j@example.org>", "Jürgen", "j@example.org")]
    [InlineData("=?utf-8?Q?M=C3=BCller,_J=C3=BCrgen?= <j@example.org>", "Müller, Jürgen", "j@example.org")]
    [InlineData("=?utf-8?B?SsO8?= =?utf-8?Q?rgen?= <j@example.org>", "Jürgen", "j@example.org")]
    [InlineData("=?utf-8?Q?ceo@example.com?= <j@example.org>", "ceo@example.com", "j@example.org")]
    [InlineData("Jürgen <jürgen@müller.example>", "Jürgen", "jürgen@müller.example")]
    [InlineData("a@xn--mnchen-3ya.example", null, "a@münchen.example")]
    [InlineData("a@XN--mnchen-3YA.example", null, "a@münchen.example")]
    [InlineData("a@xn--99999999999.example", null, "a@xn--99999999999.example")]
    [InlineData("\"ann example\"@example.org", null, "\"ann example\"@example.org")]
    [InlineData("<\"ann,example\"@example.org>", null, "\"ann,example\"@example.org")]
    [InlineData("<\"ann\"@example.org>", null, "ann@example.org")]
    [InlineData("<@relay.example,@b.example:ann@example.org>", null, "ann@example.org")]
    [InlineData("ann@[192.0.2.1]", null, "ann@[192.0.2.1]")]
    [InlineData("ann+tag@example.org", null, "ann+tag@example.org")]
    [InlineData("ann @ example.org", null, "ann@example.org")]
    [InlineData("ann..example@example.org", null, "ann..example@example.org")]
    [InlineData("ann.@example.org", null, "ann.@example.org")]
    [InlineData("<.ann.@example.org>", null, ".ann.@example.org")]
    [InlineData("<mailto:ann@example.org>", null, "ann@example.org")]
    [InlineData("mailto:ann@example.org", null, "ann@example.org")]
    [InlineData("Ann Example ann@example.org", "Ann Example", "ann@example.org")]
    [InlineData("=?utf-8?Q?Eva_<eva@example.org>?=", "Eva", "eva@example.org")]
    [InlineData("=?utf-8?B?RXZh?= =?utf-8?Q?<eva@example.org>?=", "Eva", "eva@example.org")]
    [InlineData("=?utf-8?Q?Eva?= eva@example.org", "Eva", "eva@example.org")]
    [InlineData("Eva <=?utf-8?Q?eva=40example.org?=>", "Eva", "eva@example.org")]
    [InlineData("\"ann@example.org\"", null, "ann@example.org")]
    [InlineData("'ann@example.org'", null, "ann@example.org")]
    [InlineData("<<ann@example.org>>", null, "ann@example.org")]
    [InlineData("Ann <ann@example.org", "Ann", "ann@example.org")]
    [InlineData("Example, Ann <ann@example.org>", "Example, Ann", "ann@example.org")]
    [InlineData("Ann [ann@example.org]", "Ann", "ann@example.org")]
    [InlineData("[ann@example.org]", null, "ann@example.org")]
    [InlineData("<ann(work)@(of)example(host).org>", null, "ann@example.org")]
    [InlineData("<ann(open@example.org>", null, "ann(open@example.org")]
    [InlineData("\".ann.\"@example.org", null, "\".ann.\"@example.org")]
    [InlineData("<\"ann..b\"@example.org>", null, "\"ann..b\"@example.org")]
    [InlineData("<\"ann.b\"@example.org>", null, "ann.b@example.org")]
    public void An_address_is_read_as_mail_readers_do(string written, string? name, string address)
    {
        Assert.Equal([new ParsedAddress(name, address)], From(written));
        Assert.Equal(
            [new ParsedAddress(null, "x@example.org"), new ParsedAddress(name, address), new ParsedAddress(null, "y@example.org")],
            From($"x@example.org, {written}, y@example.org"));
    }

    [Theory]
    [InlineData("root, <ann@example.org>", "root;ann@example.org")]
    [InlineData("root, ann@example.org", "root;ann@example.org")]
    [InlineData("root; Ann <ann@example.org>", "root;ann@example.org")]
    [InlineData("One, Two, Three <ann@example.org>", "One;ann@example.org")]
    [InlineData("One: Two, Three <ann@example.org>;", "ann@example.org")]
    [InlineData("ann@example.org, Two <bob@example.org>", "ann@example.org;bob@example.org")]
    public void Only_one_name_before_a_comma_belongs_to_the_next_name(string written, string people) =>
        Assert.Equal(people, string.Join(';', From(written).Select(person => person.Address ?? person.Name)));

    [Theory]
    [InlineData("MAILER-DAEMON <>", "MAILER-DAEMON", null)]
    [InlineData("Ann Example", "Ann Example", null)]
    [InlineData("root", "root", null)]
    [InlineData("Cron <root>", "Cron", "root")]
    [InlineData("\"postmaster@\" <example.org postmaster@example.org>", "postmaster@", "postmaster@example.org")]
    [InlineData("Ann <ann at example.org>", "Ann", null)]
    [InlineData("<>", null, null)]
    [InlineData("@", "@", null)]
    [InlineData("ann@bob@example.org", null, "ann@bob@example.org")]
    [InlineData("ann@", "ann@", null)]
    [InlineData("Ann <ann@>", "Ann", null)]
    [InlineData("<Undisclosed-Recipients:@example.org>", null, null)]
    [InlineData("<ann@example(host \\) ).org>", null, "ann@example.org")]
    [InlineData("Ann <ann@machine(comment).  example>", "Ann", "ann@machine.example")]
    public void What_is_no_valid_address_is_kept_as_written(string written, string? name, string? address)
    {
        Assert.Equal([new ParsedAddress(name, address, null, written.Replace("\"\"", "", StringComparison.Ordinal))], From(written));
        Assert.Equal(3, From($"x@example.org, {written}, y@example.org").Count);
    }

    [Theory]
    [InlineData("Friends: a@example.org, B <b@example.org>; c@example.org", "a@example.org|Friends,b@example.org|Friends,c@example.org|")]
    [InlineData("Friends: a@example.org;, c@example.org", "a@example.org|Friends,c@example.org|")]
    [InlineData("=?utf-8?Q?Fr=C3=B6?=: a@example.org;", "a@example.org|Frö")]
    [InlineData("undisclosed-recipients:;", "|undisclosed-recipients")]
    [InlineData("undisclosed-recipients:", "|undisclosed-recipients")]
    [InlineData("A:;, B: b@example.org;", "|A,b@example.org|B")]
    [InlineData("a@example.org; b@example.org", "a@example.org|,b@example.org|")]
    [InlineData("a@example.org b@example.org", "a@example.org|,b@example.org|")]
    [InlineData("<a@example.org> <b@example.org>", "a@example.org|,b@example.org|")]
    [InlineData("<a@example.org, b@example.org", "a@example.org|,b@example.org|")]
    [InlineData(", ,a@example.org,,", "a@example.org|")]
    [InlineData("", "")]
    public void Groups_and_lists_are_read(string written, string people) =>
        Assert.Equal(people, string.Join(',', From(written).Select(person => $"{person.Address}|{person.Group}")));

    [Fact]
    public void All_fields_of_a_name_are_read()
    {
        var parsed = Mail.Of("To: a@example.org\r\nSubject: x\r\nto: b@example.org\r\nSender: s@example.org\r\n\r\n").Parsed;
        Assert.Equal([new ParsedAddress(null, "a@example.org"), new ParsedAddress(null, "b@example.org")], parsed.To);
        Assert.Equal(new ParsedAddress(null, "s@example.org"), parsed.Sender);
        Assert.Empty(parsed.Cc);
    }

    [Fact]
    public void Raw_names_are_read_in_the_charset_of_the_body()
    {
        byte[] raw = [
            .. "From: "u8, .. Convert.FromHexString("8CA990CF835C"),
            .. " <a@example.org>\r\nContent-Type: text/plain; charset=shift_jis\r\n\r\n"u8];
        Assert.Equal([new ParsedAddress("見積ソ", "a@example.org")], Mail.Of(raw).Parsed.From);
    }

    [Theory]
    [InlineData("Delivered-To: ann+news@example.org\r\n", "ann+news@example.org", "news")]
    [InlineData("X-Original-To: <b@example.org>\r\nDelivered-To: a@example.org\r\nDelivered-To: c@example.org\r\n", "a@example.org", null)]
    [InlineData("Envelope-To: e@example.org, f@example.org\r\nX-Original-To: b+1+2@example.org\r\n", "b+1+2@example.org", "1+2")]
    [InlineData("Envelope-To: e@example.org, f@example.org\r\n", "e@example.org", null)]
    [InlineData("Delivered-To: nonsense\r\nEnvelope-To: e@xn--mnchen-3ya.example\r\n", "e@münchen.example", null)]
    [InlineData("Delivered-To: \r\n", null, null)]
    [InlineData("To: a@example.org\r\n", null, null)]
    public void The_recipient_is_what_the_receiving_server_wrote(string headers, string? recipient, string? tag) =>
        Assert.Equal((recipient, tag), Mail.Of($"{headers}\r\n").Parsed is var parsed ? (parsed.Recipient, parsed.RecipientTag) : default);

    [Fact]
    public void More_addresses_than_the_bound_are_cut()
    {
        var list = string.Join(",\r\n ", Enumerable.Range(0, 1_001).Select(i => $"a{i}@example.org"));
        var parsed = Mail.Of($"To: b@example.org\r\nReply-To: {list}\r\nCc: c@example.org\r\n\r\n").Parsed;
        Assert.Equal(1_000, parsed.ReplyTo.Count);
        Assert.Equal(["replyTo"], parsed.Truncated);
        Assert.Equal("a999@example.org", parsed.ReplyTo[^1].Address);
    }

    [Fact]
    public void Any_text_gives_people_and_drops_no_address() => Gen.Int[0, Pieces.Length - 1].Array[0, 25].Sample(
        pieces =>
        {
            var people = From(string.Concat(pieces.Select(i => Pieces[i])));
            Assert.All(people, person =>
            {
                Assert.NotNull(person.Address ?? person.Raw ?? person.Group);
                Assert.DoesNotContain($"{person.Name}{person.Address}{person.Raw}{person.Group}", char.IsControl);
            });
        },
        iter: 5_000);

    [Theory]
    [InlineData("\"")]
    [InlineData("(")]
    [InlineData("<")]
    [InlineData("<\"")]
    [InlineData(":")]
    [InlineData("a ")]
    [InlineData("@")]
    [InlineData("<a@b>")]
    [InlineData("=?utf-8?Q?a@b,")]
    [InlineData("\"\\")]
    [InlineData("a@b ")]
    [InlineData("a:;")]
    public void The_time_is_linear(string piece)
    {
        LinearTime.Check(
            900_000,
            size =>
            {
                var raw = new StringBuilder();
                while (raw.Length < size)
                    raw.Append("To: ").Insert(raw.Length, piece, 4_000 / piece.Length).Append("\r\n");
                var mail = Mail.Of(raw.Append("\r\n").ToString());
                Assert.NotNull(mail.Mime);
                return mail;
            },
            mail => Assert.NotEmpty(mail.Parsed.To));
    }

    private static IReadOnlyList<ParsedAddress> From(string written) => Mail.Of($"From: {written}\r\nSubject: x\r\n\r\n").Parsed.From;
}
