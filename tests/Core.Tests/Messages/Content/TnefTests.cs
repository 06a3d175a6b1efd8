using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Content;
using Xunit;
using static EmailIngestion.Core.Tests.Messages.Content.TnefBytes;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class TnefTests
{
    private const int Body = 0x1000;
    private const int Rtf = 0x1009;
    private const int BodyHtml = 0x1013;
    private const int Subject = 0x0037;
    private const int LongName = 0x3707;
    private const int MimeTag = 0x370e;
    private const int ContentId = 0x3712;

    [Fact]
    public void The_files_of_winmail_dat_are_listed_instead_of_it()
    {
        var parsed = Mail.Of(new TnefBytes()
            .Message(Ansi(Body, "not used"), Named("X-Own", 10))
            .File("OFFER~1.PDF", [1, 2, 3], Unicode(LongName, "Angebot für Łódź.pdf"), Ansi(MimeTag, "application/pdf"))
            .File("notes.txt", [4])
            .Email("the text")).Parsed;
        Assert.Equal("the text", parsed.Text);
        Assert.Equal(
            [("Angebot für Łódź.pdf", "application/pdf", 3L), ("notes.txt", "text/plain", 1L)],
            parsed.Attachments.Select(file => (file.FileName, file.ContentType, file.Size)));
        Assert.Equal<byte>([1, 2, 3], Content(parsed.Attachments[0]));
    }

    [Fact]
    public void Its_text_is_used_where_the_email_has_none()
    {
        var parsed = Mail.Of(new TnefBytes()
            .Message(Ansi(Body, "Grüße\r\n"), Binary(BodyHtml, "<img src=cid:logo>"u8.ToArray()))
            .File("logo.png", [1], Ansi(ContentId, "<logo>"))
            .Email(null)).Parsed;
        Assert.Equal(("Grüße\n", "<img src=cid:logo>"), (parsed.Text, parsed.Html));
        Assert.True(Assert.Single(parsed.Attachments).Inline);
    }

    [Theory]
    [InlineData("text", "winmail.dat")]
    [InlineData(null, "message.rtf")]
    public void Rtf_is_a_file_where_there_is_no_other_text(string? text, string name)
    {
        byte[] compressed = [.. Int(18), .. Int(6), .. "MELA"u8, .. Int(0), .. "{\\rtf}"u8];
        var file = Assert.Single(Mail.Of(new TnefBytes().Message(Binary(Rtf, compressed)).Email(text)).Parsed.Attachments);
        Assert.Equal(name, file.FileName);
        if (text is null)
            Assert.Equal("{\\rtf}", Encoding.ASCII.GetString(Content(file)));
    }

    [Fact]
    public void Compressed_rtf_is_decoded()
    {
        // The example of MS-OXRTFCP, 4.1.1.
        byte[] example = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67,
            0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d,
            0x0a, 0x80, 0x0f, 0xa0];
        var file = Assert.Single(Mail.Of(new TnefBytes().Message(Binary(Rtf, example)).Email(null)).Parsed.Attachments);
        Assert.Equal("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", Encoding.ASCII.GetString(Content(file)));
    }

    [Fact]
    public void An_email_in_it_is_a_text_and_its_files()
    {
        var inner = new TnefBytes().Message(Unicode(Subject, "Re: offer"), Ansi(Body, "Grüße")).File("a.txt", [1]);
        var files = Mail.Of(new TnefBytes().Attached("Untitled", inner).File("b.txt", [2]).Email("x")).Parsed.Attachments;
        Assert.Equal(["Re_ offer.txt", "a.txt", "b.txt"], files.Select(file => file.FileName));
        Assert.Equal("windows-1252", files[0].Charset);
        Assert.Equal("Grüße", Encoding.Latin1.GetString(Content(files[0])));
    }

    [Fact]
    public void Emails_in_emails_beyond_five_are_files()
    {
        var inner = new TnefBytes().File("deep.txt", [1]);
        for (var i = 0; i < 8; i++)
            inner = new TnefBytes().Attached($"email{i}", inner);
        var file = Assert.Single(Mail.Of(inner.Email("x")).Parsed.Attachments);
        Assert.Equal("email2", file.FileName);
    }

    [Fact]
    public void A_broken_one_stays_a_file_beside_what_could_be_read()
    {
        var files = Mail.Of(new TnefBytes().File("a.txt", [1]).Attribute(2, 0x0006800f, [1], 1_000_000).Email("x")).Parsed.Attachments;
        Assert.Equal(["a.txt", "winmail.dat"], files.Select(file => file.FileName));
    }

    [Theory]
    [InlineData("application/ms-tnef; name=winmail.dat")]
    [InlineData("application/octet-stream; name=winmail.dat")]
    public void What_is_no_tnef_stays_a_file(string type) => Assert.Equal(
        "winmail.dat", Assert.Single(Mail.Of($"Content-Type: {type}\n\nnothing of the kind").Parsed.Attachments).FileName);

    [Fact]
    public void More_files_than_the_bound_are_one_file()
    {
        var tnef = new TnefBytes();
        for (var i = 0; i <= 1_000; i++)
            tnef.File("x", [1]);
        Assert.Equal("winmail.dat", Assert.Single(Mail.Of(tnef.Email("x")).Parsed.Attachments).FileName);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0x10000000)]
    public void Lengths_that_cannot_be_true_take_no_memory(int length)
    {
        byte[] rtf = [.. Int(length), .. Int(length), .. "LZFu"u8, .. Int(0), 0, 1, 2];
        var mail = Mail.Of(new TnefBytes()
            .Message(Named("x", length), Binary(Rtf, rtf)).Message(Binary(Rtf, rtf)).Message(Property(Body, 0x101e, Int(length)))
            .Attribute(1, 0x00069003, Int(length)).Attribute(1, 1, [], length).Email(null));
        mail.Check();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEmpty(mail.Parsed.Attachments);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void Mutated_bytes_give_a_file_of_some_kind()
    {
        var whole = new TnefBytes()
            .Message(Ansi(Body, "text"), Named("name", 8), Binary(BodyHtml, "<p>"u8.ToArray()), Binary(Rtf, new byte[40]))
            .File("a.txt", [1, 2, 3], Unicode(LongName, "long name.txt"))
            .Attached("email", new TnefBytes().Message(Ansi(Subject, "s"), Ansi(Body, "b"))).ToArray();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length]).Sample(
            (at, value, length) =>
            {
                var bytes = whole.ToArray();
                bytes[at] = value;
                var base64 = Convert.ToBase64String(bytes[..length], Base64FormattingOptions.InsertLineBreaks);
                var parsed = Mail.Of($"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n{base64}\n").Parsed;
                Assert.True(parsed.Text is not null || parsed.Html is not null || parsed.Attachments.Count > 0);
                Assert.All(parsed.Attachments, file => Assert.Equal(file.Size, Content(file).Length));
            },
            iter: 3_000);
    }

    private static byte[] Content(ParsedAttachment file)
    {
        using var content = new MemoryStream();
        using var stream = file.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    [Fact]
    public void Values_without_bytes_are_not_counted()
    {
        var properties = Enumerable.Repeat(Property(0x37, 0x1001, Int(0x10000)), 100_000).ToArray();
        var raw = new TnefBytes().Message(properties).Email("t");
        var allowed = TimeSpan.FromSeconds(5);
        // Counting them takes 100,000 times 65,536 steps.
        Assert.True(LinearTime.Fastest(allowed, () => Assert.Equal("t", Mail.Of(raw).Parsed.Text)) < allowed);
    }

    [Fact]
    public void Its_reading_can_be_cancelled()
    {
        var email = Mail.Of(new TnefBytes().Message(Ansi(Body, "text")).Email(null));
        var part = EncodedContent.Of(email.Mime.BodyParts.OfType<MimeKit.Tnef.TnefPart>().Single());
        Assert.Throws<OperationCanceledException>(() => TnefUnpacker.Unpack(part, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Its_text_and_its_names_are_bounded()
    {
        var parsed = Mail.Of(new TnefBytes()
            .Message(Ansi(Body, new string('a', 1_200_000)))
            .File(new string('b', 100_000), [1])
            .Email(null)).Parsed;
        Assert.Equal((1_000_000, "text"), (parsed.Text?.Length, Assert.Single(parsed.Truncated!)));
        Assert.Equal(4_096, Assert.Single(parsed.Attachments).OriginalFileName?.Length);
    }
}
