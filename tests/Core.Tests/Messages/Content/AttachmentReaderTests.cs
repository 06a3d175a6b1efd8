using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Messages;
using Xunit;
using static EmailIngestion.Core.Tests.Messages.Content.Parts;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class AttachmentReaderTests
{
    private static readonly byte[] FakePdf = Encoding.ASCII.GetBytes("%PDF-1.4 fake");

    [Theory]
    [InlineData("inline; filename=\"invoice.pdf\"", "mixed")]
    [InlineData("attachment; filename=\"invoice.pdf\"", "mixed")]
    [InlineData(null, "mixed")]
    [InlineData("inline", "related")]
    [InlineData(null, "x-unknown")]
    public void A_part_that_is_not_text_is_a_file_whatever_its_disposition(string? disposition, string type)
    {
        var header = disposition is null ? "" : $"Content-Disposition: {disposition}\n";
        var file = Assert.Single(Read(Email(type, Html("see"), header + Pdf("invoice.pdf"))));
        Assert.Equal(
            ("invoice.pdf", "application/pdf", 13L, disposition?.Split(';')[0]),
            (file.FileName, file.ContentType, file.Size, file.Disposition));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(FakePdf)), file.Sha256);
        Assert.Equal(FakePdf, Content(file));
    }

    [Theory]
    [InlineData("JVBERi0xLjQgZmFrZQ==")]
    [InlineData("JVBERi0xLjQgZmFrZQ=")]
    [InlineData("JVBERi0xLjQgZmFrZQ")]
    [InlineData("JVBERi0x\n\nLjQgZmFr\nZQ")]
    [InlineData("JVBERi0xLjQgZmFrZQ==\nZm9vdGVy=")]
    public void Base64_is_decoded_to_its_last_byte(string base64)
    {
        var file = Assert.Single(Read($"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{base64}"));
        Assert.StartsWith("%PDF-1.4 fake", Encoding.ASCII.GetString(Content(file)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base64", "QUJD", "ABC")]
    [InlineData("quoted-printable", "=41BC", "ABC")]
    public void Many_blank_lines_do_not_end_the_content(string encoding, string content, string text)
    {
        var blank = string.Concat(Enumerable.Repeat("\r\n", 20_000));
        var file = Assert.Single(Read(
            $"Content-Type: application/x-a\nContent-Transfer-Encoding: {encoding}\n\n{content}{blank}{content}\r\n"));
        Assert.Equal(text + text, Encoding.ASCII.GetString(Content(file)).Replace("\r\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void An_id_has_no_control_characters() =>
        Assert.Equal("a b", Assert.Single(Read("Content-Type: image/png\nContent-ID: <a\u0001b>\n\nx")).ContentId);

    [Fact]
    public void An_email_that_is_a_file_has_one()
    {
        var parsed = Mail.Of("Subject: Scan\n" + Pdf("invoice.pdf")).Parsed;
        Assert.Equal((null, null), (parsed.Text, parsed.Html));
        Assert.Equal("invoice.pdf", Assert.Single(parsed.Attachments).FileName);
    }

    [Theory]
    [InlineData("rfc822")]
    [InlineData("global")]
    [InlineData("partial; id=\"a\"; number=1")]
    public void An_email_that_is_an_email_has_it_as_a_file(string type)
    {
        const string Inner = "From: a@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\ninner body\r\n";
        var file = Assert.Single(Read($"Subject: s\nContent-Type: message/{type}\n\n{Inner}"));
        Assert.Equal("Grüße.eml", file.FileName);
        Assert.Equal(Inner, Encoding.UTF8.GetString(Content(file)));
    }

    [Fact]
    public void An_attached_email_is_byte_for_byte_what_was_sent()
    {
        const string Inner = "Subject:  odd\r\n\tfolding\r\nX-Y:z\n\n--b2 not a boundary\r\n\r\n";
        var file = Assert.Single(Read(Email("mixed", Plain("x"), $"Content-Type: message/rfc822\n\n{Inner}")));
        Assert.Equal(Inner, Encoding.UTF8.GetString(Content(file)));
    }

    [Fact]
    public void An_encoded_email_is_named_by_its_subject()
    {
        var inner = Convert.ToBase64String("Subject: inner: 1/2\n\nx"u8);
        var file = Assert.Single(Read($"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}"));
        Assert.Equal(("inner_ 1_2.eml", null), (file.FileName, file.OriginalFileName));
    }

    [Fact]
    public void An_attached_email_with_a_name_is_an_eml_file()
    {
        var file = Assert.Single(Read("Content-Type: message/rfc822; name=\"Re: offer\"\n\nSubject: x\n\ny"));
        Assert.Equal(("Re_ offer.eml", "Re: offer"), (file.FileName, file.OriginalFileName));
    }

    [Fact]
    public void The_parts_of_a_report_are_files()
    {
        var files = Read(Email(
            "report", Plain("not delivered"), "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n",
            "Content-Type: text/rfc822-headers\n\nSubject: s\nTo: x\n"));
        Assert.Equal(["delivery-status.txt", "headers.txt"], files.Select(file => file.FileName));
        Assert.Equal("Subject: s\nTo: x\n", Encoding.UTF8.GetString(Content(files[1])));
    }

    [Fact]
    public void A_named_text_is_a_file()
    {
        var parsed = Mail.Of(Email("mixed", Plain("see"), "Content-Type: text/plain; name=log.txt; charset=koi8-r\n\nlog line\n")).Parsed;
        Assert.Equal("see", parsed.Text);
        Assert.Equal(
            ("log.txt", "koi8-r"), Assert.Single(parsed.Attachments) is var file ? (file.FileName, file.Charset) : default);
    }

    [Fact]
    public void Files_without_a_name_get_one_that_is_theirs_alone()
    {
        var files = Read(Email(
            "mixed", Pdf("part-2.pdf"), "Content-Type: application/pdf\n\nx", "Content-Type: application/x-odd\n\nx",
            "Content-Type: text/calendar\n\nx", "Content-Type: text/calendar\n\nx", "Content-Type: message/rfc822\n\nTo: x\n\n",
            "Content-Type: message/rfc822\n\nSubject: ...\n\n", "Content-Type: application/pgp-signature\n\nx"));
        Assert.Equal(
            ["part-2.pdf", "part-2-2.pdf", "part-3.bin", "invite.ics", "invite-2.ics", "message.eml", "message-2.eml", "signature.asc"],
            files.Select(file => file.FileName));
        Assert.Equal(Enumerable.Range(0, 8), files.Select(file => file.Index));
    }

    [Theory]
    [InlineData("<img src=\"cid:logo@x\">", "<logo@x>", true)]
    [InlineData("<img src='CID:logo%40x'>", "<logo@x>", true)]
    [InlineData("<img src=cid:a&amp;b>", "<a&b>", true)]
    [InlineData("<div style=\"background: url(cid:logo)\">", "logo", true)]
    [InlineData("<img src=\"cid:logo2\">", "<logo>", false)]
    [InlineData("cid:", "<>", false)]
    public void A_picture_that_the_html_shows_is_inline(string html, string id, bool inline)
    {
        var file = Assert.Single(Read(Email("related", Html(html), $"Content-Type: image/png; name=logo.png\nContent-ID: {id}\n\nx")));
        Assert.Equal((inline, "logo.png"), (file.Inline, file.FileName));
        Assert.Equal(id.Trim('<', '>') is { Length: > 0 } bare ? bare : null, file.ContentId);
    }

    [Fact]
    public async Task Two_threads_read_one_file_at_a_time()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var base64 = Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks);
        var file = Assert.Single(Read($"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{base64}"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10; i++)
                Assert.Equal(content, Content(file));
        })));
    }

    [Fact]
    public void No_copy_of_a_file_is_kept()
    {
        var content = Convert.ToBase64String(new byte[8_000_000], Base64FormattingOptions.InsertLineBreaks);
        var mail = Mail.Of($"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{content}");
        mail.Check();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(8_000_000, mail.Parsed.Attachments[0].Size);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    private static IReadOnlyList<ParsedAttachment> Read(string raw) => Mail.Of(raw).Parsed.Attachments;

    private static byte[] Content(ParsedAttachment file)
    {
        using var content = new MemoryStream();
        using var stream = file.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
