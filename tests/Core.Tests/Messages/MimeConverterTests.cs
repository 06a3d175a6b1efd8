using System.Text;
using System.Text.Json;
using CsCheck;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class MimeConverterTests
{
    private const string MultipartHeader = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";

    [Fact]
    public void An_ordinary_message_is_converted_whole()
    {
        var parsed = Convert(
            "From: Ann <ann@example.org>\r\nTo: bob@example.org, Eve <eve@example.org>\r\nCc: c@example.org\r\nReply-To: r@example.org\r\n"
            + "Message-ID: <1@example.org>\r\nIn-Reply-To: <0@example.org>\r\nDate: Mon, 02 Jan 2023 03:04:05 +0100\r\nSubject: Hello\r\n"
            + MultipartHeader
            + "--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
            + "--a\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--a--\r\n"
            + "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nAAECAw==\r\n--b--\r\n");
        Assert.Equal(["\"Ann\" <ann@example.org>"], parsed.From);
        Assert.Equal(["bob@example.org", "\"Eve\" <eve@example.org>"], parsed.To);
        Assert.Equal(["c@example.org"], parsed.Cc);
        Assert.Equal(["r@example.org"], parsed.ReplyTo);
        Assert.Equal(("1@example.org", "0@example.org", "Hello"), (parsed.MessageId, parsed.InReplyTo, parsed.Subject));
        Assert.Equal(new DateTimeOffset(2023, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), parsed.Sent);
        Assert.Equal(("plain", "<p>html</p>"), (parsed.Text?.Trim(), parsed.Html?.Trim()));
        Assert.Equal([new ParsedAttachment("a.pdf", "application/pdf", 4)], parsed.Attachments);
    }

    [Fact]
    public void What_the_server_said_is_passed_on()
    {
        var message = Mail.Of("Subject: x\r\n\r\n");
        var parsed = MimeConverter.Convert(message, TestContext.Current.CancellationToken);
        Assert.Equal(
            (message.Id.ToString(), message.Mailbox, message.UidValidity, message.Uid, message.Date, message.Size),
            (parsed.Id, parsed.Mailbox, parsed.UidValidity, parsed.Uid, parsed.Received, parsed.Size));
        Assert.Null(parsed.Raw);
    }

    [Theory]
    [InlineData("This is no mail. It has no header.\r\nNone at all.\r\n")]
    [InlineData("\0\u0001 nothing: of the\nkind")]
    public void Bytes_without_headers_are_a_body(string raw) => Assert.Equal(raw.ReplaceLineEndings("\n"), Convert(raw).Text?.ReplaceLineEndings("\n"));

    [Fact]
    public void No_bytes_at_all_are_an_empty_email()
    {
        var parsed = Convert("");
        Assert.Equal(("", null, null), (parsed.Subject, parsed.Text, parsed.Html));
        Assert.Empty(parsed.From);
    }

    [Theory]
    [InlineData("iso-2022-jp", "日本語のメール")]
    [InlineData("koi8-r", "Привет, мир")]
    [InlineData("windows-1252", "Grüße – “100 €”")]
    [InlineData("gb18030", "你好,世界")]
    [InlineData("shift_jis", "見積書")]
    [InlineData("iso-8859-15", "5 €")]
    [InlineData("utf-8", "😀 ✓")]
    public void Text_is_read_in_its_charset(string charset, string text)
    {
        byte[] raw = [.. Encoding.ASCII.GetBytes($"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"), .. Encoding.GetEncoding(charset).GetBytes(text)];
        Assert.Equal(text, MimeConverter.Convert(Mail.Of(raw), TestContext.Current.CancellationToken).Text);
    }

    [Theory]
    [InlineData("Content-Type: text/plain; charset=x-klingon-8\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain; charset=utf-7\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain; charset=; =x; boundary\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-rot13\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nVGV4dCBoZXJl!!cut", "Text here")]
    [InlineData("Subject: x\r\na line that is no header\r\n: no name\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nText here\r\n--b\r\nContent-Type: multipart/alternative; boundary=in", "Text here")]
    public void The_text_of_broken_mail_is_read(string raw, string text) => Assert.StartsWith(text, Convert(raw).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("Subject: x\r\n\r\n")]
    [InlineData("Date: Thirtieth of February, 25:61\r\n\r\n")]
    [InlineData("Date: \r\n\r\n")]
    public void A_date_that_cannot_be_read_is_none(string raw) => Assert.Null(Convert(raw).Sent);

    [Theory]
    [InlineData("x")]
    [InlineData("😀")]
    public void A_long_text_is_bounded_and_stays_text(string character)
    {
        var text = Convert($"Content-Type: text/plain; charset=utf-8\r\n\r\na{string.Concat(Enumerable.Repeat(character, 1_000_001))}").Text!;
        Assert.InRange(text.Length, 999_999, 1_000_000);
        Assert.False(char.IsHighSurrogate(text[^1]));
    }

    [Theory]
    [InlineData("multipart/mixed")]
    [InlineData("message/rfc822")]
    public void Nesting_of_any_depth_is_survived(string type)
    {
        var raw = new StringBuilder("Subject: deep\r\nMIME-Version: 1.0\r\n");
        for (var i = 0; i < 20_000; i++)
            raw.Append(type == "message/rfc822" ? "Content-Type: message/rfc822\r\n\r\n" : $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        raw.Append("Content-Type: text/plain\r\n\r\nat the bottom\r\n");
        Assert.Equal("deep", Convert(raw.ToString()).Subject);
    }

    [Fact]
    public void An_attached_email_has_a_name_and_no_size()
    {
        var parsed = Convert(
            MultipartHeader + "--b\r\nContent-Type: message/rfc822; name=letter.eml\r\nContent-Disposition: attachment\r\n\r\nSubject: inner\r\n\r\nx\r\n--b--\r\n");
        Assert.Equal([new ParsedAttachment("letter.eml", "message/rfc822", null)], parsed.Attachments);
    }

    [Fact]
    public void Any_bytes_are_converted_and_written_as_json() => OddBytes.Any.Sample(
        bytes => JsonSerializer.SerializeToUtf8Bytes(MimeConverter.Convert(Mail.Of(bytes)), ParsedEmailJson.Default.ParsedEmail),
        iter: 3_000);

    [Fact]
    public void A_cancelled_token_ends_it() => Assert.ThrowsAny<OperationCanceledException>(
        () => MimeConverter.Parse("Subject: x\r\n\r\nbody"u8.ToArray(), new CancellationToken(canceled: true)));

    private static ParsedEmail Convert(string raw) => MimeConverter.Convert(Mail.Of(raw), TestContext.Current.CancellationToken);
}
