using System.Text;
using System.Text.Json;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class ParsedEmailTests
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
            + "--b\r\nContent-Type: application/pdf\r\n"
            + "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nAAECAw==\r\n--b--\r\n");
        Assert.Equal([new ParsedAddress("Ann", "ann@example.org")], parsed.From);
        Assert.Equal([new ParsedAddress(null, "bob@example.org"), new ParsedAddress("Eve", "eve@example.org")], parsed.To);
        Assert.Equal([new ParsedAddress(null, "c@example.org")], parsed.Cc);
        Assert.Equal([new ParsedAddress(null, "r@example.org")], parsed.ReplyTo);
        Assert.Equal(("1@example.org", "0@example.org", "Hello"), (parsed.MessageId, parsed.InReplyTo, parsed.Subject));
        Assert.Equal(new DateTimeOffset(2023, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), parsed.Sent);
        Assert.Equal(("plain", "<p>html</p>"), (parsed.Text?.Trim(), parsed.Html?.Trim()));
        var attachment = Assert.Single(parsed.Attachments);
        Assert.Equal(("a.pdf", "application/pdf", 4L), (attachment.FileName, attachment.ContentType, attachment.Size));
    }

    [Fact]
    public void What_the_server_reported_is_passed_on()
    {
        var message = Mail.Of("Subject: x\r\n\r\n");
        var parsed = message.Parsed;
        Assert.Equal(
            (message.Id.ToString(), message.Mailbox, message.UidValidity, message.Uid, message.Date, message.Size),
            (parsed.Id, parsed.Mailbox, parsed.UidValidity, parsed.Uid, parsed.Received, parsed.Size));
        Assert.Null(parsed.Raw);
    }

    [Theory]
    [InlineData("This is no mail. It has no header.\r\nNone at all.\r\n")]
    [InlineData("\0\u0001 nothing: of the\nkind")]
    public void Bytes_without_headers_are_a_body(string raw) =>
        Assert.Equal(raw.ReplaceLineEndings("\n").Replace('\0', '\ufffd'), Convert(raw).Text?.ReplaceLineEndings("\n"));

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
        byte[] raw = [
            .. Encoding.ASCII.GetBytes($"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"),
            .. Encoding.GetEncoding(charset).GetBytes(text)];
        Assert.Equal(text, Mail.Of(raw).Parsed.Text);
    }

    [Theory]
    [InlineData("Content-Type: text/plain; charset=x-klingon-8\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain; charset=utf-7\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain; charset=; =x; boundary\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-rot13\r\n\r\nText here", "Text here")]
    [InlineData("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nVGV4dCBoZXJl!!cut", "Text here")]
    [InlineData("Subject: x\r\na line that is no header\r\n: no name\r\n\r\nText here", "Text here")]
    [InlineData(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nText here\r\n"
        + "--b\r\nContent-Type: multipart/alternative; boundary=in",
        "Text here")]
    public void The_text_of_broken_mail_is_read(string raw, string text) =>
        Assert.StartsWith(text, Convert(raw).Text, StringComparison.Ordinal);

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
        var text = Convert(
            $"Content-Type: text/plain; charset=utf-8\r\n\r\na{string.Concat(Enumerable.Repeat(character, 1_000_001))}").Text!;
        Assert.InRange(text.Length, 999_999, 1_000_000);
        Assert.False(char.IsHighSurrogate(text[^1]));
    }

    [Theory]
    [InlineData("multipart/mixed")]
    [InlineData("message/rfc822")]
    public void Nesting_beyond_the_limit_is_too_complex(string type)
    {
        var raw = new StringBuilder("Subject: deep\r\nMIME-Version: 1.0\r\n");
        for (var i = 0; i < 20_000; i++)
            raw.Append(type == "message/rfc822"
                ? "Content-Type: message/rfc822\r\n\r\n" : $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        raw.Append("Content-Type: text/plain\r\n\r\nat the bottom\r\n");
        Assert.Equal("Processing:MaxDepth", Assert.Throws<MessageTooComplexException>(() => Convert(raw.ToString())).Limit);
    }

    [Fact]
    public void An_attached_email_is_an_attachment()
    {
        var parsed = Convert(
            MultipartHeader + "--b\r\nContent-Type: message/rfc822; name=inner.eml\r\n"
            + "Content-Disposition: attachment\r\n\r\nSubject: inner\r\n\r\nx\r\n--b--\r\n");
        var attachment = Assert.Single(parsed.Attachments);
        Assert.Equal(("inner.eml", "message/rfc822"), (attachment.FileName, attachment.ContentType));
        using var content = new StreamReader(attachment.Open());
        Assert.Equal("Subject: inner\n\nx", content.ReadToEnd().ReplaceLineEndings("\n").TrimEnd());
    }

    [Fact]
    public void Any_bytes_are_converted_and_written_as_json() => OddBytes.Any.Sample(
        bytes =>
        {
            var parsed = Mail.Of(bytes).Parsed;
            return JsonSerializer.SerializeToUtf8Bytes(parsed, ParsedEmailJson.Readable.ParsedEmail)
                .AsSpan().SequenceEqual(SummaryJson.Write(parsed).Span);
        },
        iter: 3_000);

    [Fact]
    public void A_cancelled_token_ends_it() => Assert.ThrowsAny<OperationCanceledException>(
        () => MimeMails.Parse("Subject: x\r\n\r\nbody"u8.ToArray(), new CancellationToken(canceled: true)));

    [Theory]
    [InlineData("")]
    [InlineData("Just a line of text.\nAnd another.\n")]
    [InlineData("\r\nA body after an empty line")]
    [InlineData("Subject: x\r\n\r\ntext")]
    public void Fields_that_are_missing_are_not_invented(string raw)
    {
        var parsed = Convert(raw);
        Assert.Equal(("", null), (parsed.MessageId, parsed.Sent));
        Assert.Equal(Json(raw), Json(raw));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("   \r\n")]
    [InlineData("Some junk a gateway put here\r\n")]
    [InlineData("250 OK\r\n")]
    [InlineData("Betreff-Präfix: x\r\n")]
    [InlineData("Betreff-Präfix: x\r\n y\r\n")]
    [InlineData("From somebody@example.org Mon Feb  2 10:00:00 2026\r\n")]
    public void A_first_line_that_is_no_header_spoils_no_header(string first)
    {
        var parsed = Convert(
            $"{first}From: Ann Example <ann@example.org>\r\nTo: bob@example.org\r\nDate: Mon, 02 Feb 2026 10:00:00 +0100\r\n"
            + "Message-ID: <x12@example.org>\r\nMIME-Version: 1.0\r\nSubject: here\r\n\r\nbody text\r\n");
        Assert.Equal(("here", "x12@example.org", "body text\n"), (parsed.Subject, parsed.MessageId, parsed.Text!.ReplaceLineEndings("\n")));
        Assert.Equal([new ParsedAddress("Ann Example", "ann@example.org")], parsed.From);
        Assert.Equal([new ParsedAddress(null, "bob@example.org")], parsed.To);
        Assert.Equal(new DateTimeOffset(2026, 2, 2, 10, 0, 0, TimeSpan.FromHours(1)), parsed.Sent);
    }

    [Theory]
    [InlineData("X-Pr\u00e4fix: caf\u00e9\r\n more", "X-Pr\u00e4fix", "caf\u00e9 more")]
    [InlineData("X Blank:\ta", "X Blank", "a")]
    [InlineData("X\0N\u0007: a", "X N", "a")]
    [InlineData("X-Fold\r\n : a", "X-Fold", "a")]
    [InlineData("no field at all", "no field at all", "")]
    public void A_line_that_is_no_field_is_one_line_without_control_characters(string line, string name, string value) =>
        Assert.Equal(
            [new ParsedHeader("From", "ann@example.org"), new ParsedHeader(name, value), new ParsedHeader("Subject", "here")],
            Convert($"From: ann@example.org\r\n{line}\r\nSubject: here\r\n\r\nbody\r\n").Headers);

    [Fact]
    public void Texts_and_charsets_have_no_NUL()
    {
        static string Part(string type) => $"--b\r\nContent-Type: text/{type}; charset=\"us-asc\0ii\"\r\n\r\nx\0y\r\n";
        var parsed = Convert(
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n{Part("plain")}{Part("html")}{Part("csv")}--b--\r\n");
        Assert.Contains("x\ufffdy", parsed.Text, StringComparison.Ordinal);
        Assert.Contains("x\ufffdy", parsed.Html, StringComparison.Ordinal);
        Assert.Equal("us-asc ii", Assert.Single(parsed.Attachments).Charset);
        Assert.All([parsed.Text, parsed.Reply, parsed.Html], text => Assert.DoesNotContain('\0', text!));
    }

    [Theory]
    [InlineData(600)]
    [InlineData(2_000)]
    [InlineData(10_000)]
    public void A_long_message_id_is_the_same_in_the_entry_and_in_the_parsed_email(int length)
    {
        var message = Mail.Of($"Message-ID: <{new string('x', length)}@example.org>\r\n\r\n");
        Assert.Equal(message.Parsed.MessageId, EmailHeaders.Read(message.Raw).MessageId);
    }

    [Theory]
    [InlineData("Subject: here\nFrom: ann@example.org\nTo: bob@example.org\n\nbody\n", "here")]
    [InlineData("Subject: here\nFrom: ann@example.org\nand so on\n\nbody\n", "")]
    [InlineData("Subject: here\n\nbody\n", "")]
    public void After_many_other_lines_several_headers_in_a_row_are_the_header(string raw, string subject)
    {
        var parsed = Convert(string.Concat(Enumerable.Repeat("# a comment of a gateway\n", 20)) + raw);
        Assert.Equal(subject, parsed.Subject);
        Assert.StartsWith(subject.Length > 0 ? "body" : "#", parsed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_end_with_a_bare_carriage_return_are_lines()
    {
        const string Raw = "Subject: here\nFrom: Ann <ann@example.org>\nContent-Type: multipart/mixed; boundary=b\n\n"
            + "--b\n\nHello,\n\nAnn\n--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n";
        var message = Mail.Of(Raw.Replace('\n', '\r'));
        var parsed = message.Parsed;
        Assert.Equal(("here", "Hello,\n\nAnn", 3L), (parsed.Subject, parsed.Text, Assert.Single(parsed.Attachments).Size));
        Assert.Equal([new ParsedAddress("Ann", "ann@example.org")], parsed.From);
        Assert.Equal("here", EmailHeaders.Read(message.Raw).Subject);
        Assert.Equal("here", message.Mime.Subject);
        Assert.Same(parsed, message.Parsed);
    }

    [Fact]
    public void A_bare_carriage_return_among_other_line_ends_is_a_space_in_a_header() =>
        Assert.Equal("one X: two", Convert("Subject: one\rX: two\n\ntext").Subject);

    [Fact]
    public void Headers_that_end_in_the_middle_of_a_name_are_headers() =>
        Assert.Equal(
            ("x", "a@example.org"),
            (Convert("From: <a@example.org>\r\nSubject: x\r\nFo") is var parsed ? (parsed.Subject, parsed.From[0].Address) : default));

    [Fact]
    public void Random_and_mutated_mail_is_converted_twice_alike_or_is_too_complex() =>
        Gen.OneOf(OddBytes.Any, MimeBytes.WellFormed, MimeBytes.Mutated).Sample(
        raw =>
        {
            try
            {
                Assert.Equal(Json(raw), Json(raw));
            }
            catch (MessageTooComplexException)
            {
                // A message that is too complex has its own outcome.
            }
        },
        iter: 5_000);

    [Fact]
    public void A_message_checked_under_other_limits_is_parsed_under_those()
    {
        var raw = new StringBuilder(MultipartHeader).Insert(MultipartHeader.Length, "--b\r\n\r\nx\r\n", 6_000).ToString();
        var message = Mail.Of(raw);
        Assert.Throws<MessageTooComplexException>(() => message.Mime);
        var settings = new ReadingSettings { Limits = MessageLimits.Default with { MaxParts = 10_000 } };
        message.Begin(settings, CancellationToken.None).Structure();
        Assert.Equal(6_000, ((MimeKit.Multipart)message.Mime.Body!).Count);
        Assert.Equal(message, Mail.Of(raw) with { Raw = message.Raw });
        Assert.Throws<MessageTooComplexException>((message with { Raw = message.Raw.ToArray() }).Check);
    }

    private static byte[] Json(string raw) => Json(Encoding.UTF8.GetBytes(raw));

    private static byte[] Json(byte[] raw) =>
        JsonSerializer.SerializeToUtf8Bytes(Mail.Of(raw).Parsed, ParsedEmailJson.Default.ParsedEmail);

    private static ParsedEmail Convert(string raw) => Mail.Of(raw).Parsed;
}
