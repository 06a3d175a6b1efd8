using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Text;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Text;

public sealed class HeaderTextTests
{
    private static readonly string[] Pieces =
        ["=?utf-8?Q?", "=?utf-16?B?", "=?utf-7?q?+2D0-", "?=", " ", "=00=85", "AAAA", "é", "\r\n\t", "\u001b$B!"];

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=?utf-8?B?w5xiZXI=?=", "Über")]
    [InlineData("=?UTF-8?q?=C3=9Cber_uns?=", "Über uns")]
    [InlineData("=?iso-8859-1?Q?=93a=94_=96_5_=80?=", "“a” – 5 €")]
    [InlineData("=?us-ascii*en?Q?text?=", "text")]
    [InlineData("=?utf-8*de?Q?f=C3=BCr?=", "für")]
    [InlineData("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab")]
    [InlineData("=?utf-8?Q?a?=\r\n =?iso-8859-1?Q?=FC?=", "aü")]
    [InlineData("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c")]
    [InlineData("=?utf-8?Q?=C3?= =?UTF8?Q?=BC?=", "ü")]
    [InlineData("=?utf-8?B?w5?= =?utf-8?B?xiZXI=?=", "Über")]
    [InlineData("=?utf-8?B?w5w?= =?utf-8?B?YmVy?=", "Über")]
    [InlineData("=?utf-8?B?w5xiZXI?=", "Über")]
    [InlineData("=?utf-8?B?w5x!iZ XI=?=", "Über")]
    [InlineData("=?utf-8?Q?a b?=", "a b")]
    [InlineData("=?utf-8?Q?50=_=ZZ?=", "50= =ZZ")]
    [InlineData("x=?utf-8?Q?=C3=BC?=y", "xüy")]
    [InlineData("=?utf-8?Q?=C3=BCber", "über")]
    [InlineData("=?utf-8?Q?=C3=BC more", "ü more")]
    [InlineData("=?utf-8?Q?a =?utf-8?Q?b?=", "ab")]
    [InlineData("=?x-nonsense?Q?=C3=BC?=", "ü")]
    [InlineData("=?x-nonsense?Q?=FC?=", "ü")]
    [InlineData("=??Q?=FC?=", "ü")]
    [InlineData("=?utf-8?X?abc?=", "=?utf-8?X?abc?=")]
    [InlineData("=?utf-8?", "=?utf-8?")]
    [InlineData("1 =? 2", "1 =? 2")]
    [InlineData("=?utf-8?Q??=", "")]
    [InlineData("=?gb2312?B?xOO6ww==?=", "你好")]
    [InlineData("=?iso-2022-jp?B?GyRCOCtAURsoQg==?=", "見積")]
    [InlineData("=?utf-7?Q?Gr+APwA3w-e?=", "Grüße")]
    [InlineData("a\r\n b", "a b")]
    [InlineData("a\r\n\tb", "a b")]
    [InlineData("a\0b\u007fc\u0085", "a b c…")]
    [InlineData("=?utf-8?Q?a=0D=0AX-Forged:_b=00?=", "a X-Forged: b")]
    [InlineData("Grüße – 😀", "Grüße – 😀")]
    public void A_value_is_one_line_of_decoded_text(string value, string text) => Assert.Equal(text, Decode(Encoding.UTF8.GetBytes(value)));

    [Theory]
    [InlineData("", "93416E6765626F7494209620352080", "“Angebot” – 5 €")]
    [InlineData("text/plain; charset=windows-1252", "93416E6765626F7494209620352080", "“Angebot” – 5 €")]
    [InlineData("text/plain; charset=\"GB2312\"", "C4E3BAC3CAC0BDE7", "你好世界")]
    [InlineData("text/plain; charset=koi8-r", "F0D2C9D7C5D420CDC9D2", "Привет мир")]
    [InlineData("text/plain;\r\n charset = shift_jis", "8CA990CF8F9182CC8C8F", "見積書の件")]
    [InlineData("text/plain; charset=iso-8859-1", "4772C3BCC39F65", "Grüße")]
    [InlineData("text/plain; charset=gbk", "D6D0CEC4", "中文")]
    [InlineData("text/plain; charset=gbk", "E4BDA0E5A5BD", "你好")]
    [InlineData("text/plain; charset=gbk", "64616E676CC3BC65", "danglüe")]
    [InlineData("text/plain; charset=gbk", "C3BCC3AB", "眉毛")]
    [InlineData("text/plain; charset=gbk", "35C3BC", "5眉")]
    [InlineData("text/plain; charset=utf-16", "47FC", "Gü")]
    [InlineData("text/plain; charset=x-unknown", "47FC", "Gü")]
    [InlineData("", "1B2442382B40511B2842", "見積")]
    [InlineData("multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=koi8-r", "F0D2C9D7C5D4", "Привет")]
    public void Raw_text_is_read_in_the_charset_of_the_body(string type, string hex, string text)
    {
        byte[] raw = [
            .. "Subject: "u8, .. Convert.FromHexString(hex), .. "\r\n"u8,
            .. Encoding.ASCII.GetBytes(type.Length == 0 ? "" : $"Content-Type: {type}\r\n"), .. "\r\nx"u8];
        Assert.Equal(text, EmailHeaders.Read(raw).Subject);
        Assert.Equal(text, Mail.Of(raw).Parsed.Subject);
        Assert.Equal(text, Mail.Of(raw).Parsed.Headers[0].Value);
    }

    [Fact]
    public void The_headers_are_in_order_with_those_of_the_content()
    {
        var headers = Mail.Of(
            "Subject: =?utf-8?Q?=C3=BC?=\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nX-A: 1\r\n"
            + "Content-Language: de\r\nx-a: 2\r\n\r\nx")
            .Parsed.Headers;
        Assert.Equal(
            [
                new ParsedHeader("Subject", "ü"), new ParsedHeader("Content-Type", "text/plain; charset=utf-8"),
                new ParsedHeader("X-A", "1"), new ParsedHeader("Content-Language", "de"), new ParsedHeader("x-a", "2"),
            ],
            headers);
    }

    [Theory]
    [InlineData(257, 10, 256)]
    [InlineData(1, 40_000, 1)]
    [InlineData(20, 20_000, 14)]
    public void The_headers_are_bounded(int count, int length, int kept)
    {
        var parsed = Mail.Of(string.Concat(Enumerable.Repeat($"X: {new string('x', length)}\r\n", count)) + "\r\n").Parsed;
        Assert.Equal(kept, parsed.Headers.Count);
        Assert.All(parsed.Headers, header => Assert.InRange(header.Value.Length, 1, 32 * 1024));
        Assert.InRange(parsed.Headers.Sum(header => header.Value.Length), 1, 256 * 1024);
        Assert.Equal(["headers"], parsed.Truncated);
    }

    [Fact]
    public void The_names_of_headers_count()
    {
        var parsed = Mail.Of("A: b\r\n" + string.Concat(Enumerable.Repeat($"X-{new string('x', 20_000)}: y\r\n", 40)) + "\r\n").Parsed;
        Assert.All(parsed.Headers.Skip(1), header => Assert.Equal(998, header.Name.Length));
        Assert.Equal(["headers"], parsed.Truncated);
        parsed = Mail.Of(string.Concat(Enumerable.Repeat($"X-{new string('x', 900)}: {new string('y', 200)}\r\n", 250)) + "\r\n").Parsed;
        Assert.InRange(parsed.Headers.Sum(header => header.Name.Length + header.Value.Length), 250 * 1024, 256 * 1024);
        Assert.Equal(["headers"], parsed.Truncated);
    }

    [Fact]
    public void No_bytes_leave_control_characters() => Gen.OneOf(
        OddBytes.Any,
        Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 20]
            .Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces)))).Sample(
        bytes =>
        {
            var text = Decode(bytes);
            Assert.DoesNotContain(text, char.IsControl);
            Assert.Equal(text, string.Concat(text.EnumerateRunes()));
        },
        iter: 3_000);

    [Theory]
    [InlineData("=?utf-8?Q?=C3=A4?=\r\n ")]
    [InlineData("=?utf-8?Q?")]
    [InlineData("=?utf-8?b?A ")]
    [InlineData("=?")]
    [InlineData("=?x-nonsense-charset?Q?a?= b ")]
    public void The_time_is_linear(string piece)
    {
        LinearTime.Check(
            1_000_000,
            size => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(piece, size / piece.Length))),
            value => _ = Decode(value));
    }

    private static string Decode(byte[] value) => HeaderText.Decode(value, HeaderCharset.Unknown);
}
