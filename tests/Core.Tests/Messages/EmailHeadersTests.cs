using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class EmailHeadersTests
{
    private const int MaxLength = 500;

    [Fact]
    public void The_few_headers_are_read_and_decoded()
    {
        var headers = Read(
            "Message-ID: <1@example.org>\r\nFrom: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>\r\n"
            + "Subject: =?utf-8?B?w5xiZXI=?=\r\n plain\r\n\r\nSubject: not this\r\n");
        Assert.Equal(new EmailHeaders("1@example.org", "Jürgen <j@example.org>", "Über plain"), headers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("\r\nno header, a body")]
    [InlineData("no header at all")]
    [InlineData("To: somebody@example.org\r\n\r\n")]
    public void A_missing_header_is_empty(string raw) => Assert.Equal(new EmailHeaders("", "", ""), Read(raw));

    [Theory]
    [InlineData("Subject: bare newlines\n\nbody")]
    [InlineData("Subject: bare newlines")]
    [InlineData("Subject: bare newlines\n\nbody\r\n\r\nmore")]
    [InlineData("X-First: 1\r\njunk, no header\r\n: no name\r\nSubject: bare newlines\r\n\r\n")]
    [InlineData("X-Long: \r\n \r\nSubject: bare newlines\r\n\r\n")]
    public void The_subject_is_found_in_odd_headers(string raw) => Assert.Equal("bare newlines", Read(raw).Subject);

    [Fact]
    public void The_first_of_two_headers_of_a_name_counts() =>
        Assert.Equal("one", Read("Subject: one\r\nSubject: two\r\n\r\n").Subject);

    [Fact]
    public void They_are_the_values_of_the_parsed_email()
    {
        var value = Among(
            "plain", "=?utf-8?B?w5xiZXI=?=", "=?iso-8859-1?Q?J=FCrgen?= <j@example.org>", "<1@example.org>", "two\r\n lines",
            "two\n\ttabbed lines", "", "ü raw", "\u00fc", "<a b@c> <d>", "=?utf-8?Q?cut", "a\u0001b\0", "charset=koi8-r");
        var name = Among(
            "Subject", "SUBJECT", "subject ", "From", "from", "Message-ID", "Message-Id", "X-Subject", "Subjects", "To", "Received",
            "Content-Type");
        var lines = Gen.Select(name, value, (left, right) => $"{left}: {right}\r\n").Array[0, 12];
        Gen.OneOf(
            Gen.Select(lines, all => Encoding.UTF8.GetBytes($"{string.Concat(all)}\r\nSubject: body")),
            Gen.Select(lines, all => Encoding.Latin1.GetBytes($"{string.Concat(all)}\r\nSubject: body"))).Sample(
            raw =>
            {
                var parsed = Mail.Of(raw).Parsed;
                var from = parsed.Headers.FirstOrDefault(header => header.Name.Equals("From", StringComparison.OrdinalIgnoreCase));
                Assert.Equal(new EmailHeaders(parsed.MessageId, from?.Value ?? "", parsed.Subject), EmailHeaders.Read(raw));
            },
            iter: 3_000);
    }

    [Fact]
    public void A_header_in_the_body_does_not_count() => Assert.Equal("", Read("From: a@example.org\n\nSubject: body\n").Subject);

    [Theory]
    [InlineData("x")]
    [InlineData("😀")]
    public void A_subject_is_bounded_without_cutting_a_character(string character)
    {
        var subject = Read($"Subject: a{string.Concat(Enumerable.Repeat(character, MaxLength))}\r\n\r\n").Subject;
        Assert.InRange(subject.Length, MaxLength - 1, MaxLength);
        Assert.False(char.IsHighSurrogate(subject[^1]));
    }

    [Fact]
    public void A_message_that_is_all_header_is_read_up_to_a_bound()
    {
        var raw = new StringBuilder("Subject: first\r\n");
        while (raw.Length < 1_000_000)
            raw.Append("X-Filler: ").Append('f', 900).Append("\r\n");
        Assert.Equal("first", Read(raw.ToString()).Subject);
    }

    [Fact]
    public void No_bytes_make_it_fail() => OddBytes.Any.Sample(
        bytes =>
        {
            var headers = EmailHeaders.Read(bytes);
            Assert.All([headers.MessageId, headers.From, headers.Subject], text => Assert.InRange(text.Length, 0, MaxLength));
        },
        iter: 3_000);

    [Theory]
    [InlineData("=?utf-8?b?A")]
    [InlineData("\r\n ")]
    [InlineData("=?utf-8?Q?=C3=A4?=\r\n ")]
    [InlineData("(")]
    [InlineData("\"")]
    public void A_field_of_a_quarter_of_a_megabyte_costs_no_more_than_a_short_one(string piece)
    {
        var raw = Encoding.UTF8.GetBytes($"Subject: x{string.Concat(Enumerable.Repeat(piece, 250_000 / piece.Length))}");
        // Decoding all of it takes from 100 ms to seconds.
        var allowed = TimeSpan.FromMilliseconds(5);
        var fastest = LinearTime.Fastest(allowed, () => EmailHeaders.Read(raw));
        Assert.True(fastest < allowed, $"It takes {fastest}.");
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("   \r\n")]
    [InlineData("Some junk a gateway put here\r\n")]
    [InlineData("250 OK\r\n")]
    [InlineData("Betreff-Präfix: x\r\n")]
    [InlineData("From somebody@example.org Mon Feb  2 10:00:00 2026\r\n")]
    public void A_first_line_that_is_no_header_hides_none(string first) =>
        Assert.Equal(
            ("Ann <ann@example.org>", "here"),
            (Read($"{first}From: Ann <ann@example.org>\r\nSubject: here\r\n\r\n") is var (_, from, subject) ? (from, subject) : default));

    private static Gen<string> Among(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static EmailHeaders Read(string raw) => EmailHeaders.Read(Encoding.UTF8.GetBytes(raw));
}
