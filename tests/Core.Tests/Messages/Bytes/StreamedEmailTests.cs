using System.Text;
using System.Text.Json;
using CsCheck;
using EmailIngestion.Messages;
using MimeKit;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Bytes;

/// <summary>Tests that an email whose message is outside memory is read as one in memory is, and without taking it into memory.</summary>
public sealed class StreamedEmailTests
{
    private const int Megabyte = 1_000_000;

    [Fact]
    public void It_is_parsed_as_in_memory() => Gen.OneOf(MimeBytes.WellFormed, MimeBytes.Mutated, OddBytes.Any).Sample(
        raw => Assert.Equal(Read(Mail.Of(raw)), Read(Streamed(raw).Email)),
        iter: 5_000,
        print: raw => Encoding.UTF8.GetString(raw));

    [Theory]
    [MemberData(nameof(GoldenMailTests.Names), MemberType = typeof(GoldenMailTests))]
    public void A_golden_mail_is_parsed_as_in_memory(string name)
    {
        var raw = GoldenMailTests.Read(name);

        Assert.Equal(Read(Mail.Of(raw)), Read(Streamed(raw).Email));
    }

    [Theory]
    [InlineData("Subject: x\rFrom: a@b\r\rA text\r")]
    [InlineData("Subject: x\r\nMessage-I")]
    [InlineData("no header at all\n\nbut text")]
    [InlineData("")]
    public void An_odd_email_is_parsed_as_in_memory(string raw)
    {
        var bytes = Encoding.UTF8.GetBytes(raw);

        Assert.Equal(Read(Mail.Of(bytes)), Read(Streamed(bytes).Email));
    }

    [Fact]
    public void A_long_header_is_parsed_as_in_memory()
    {
        var references = string.Join("\r\n ", Enumerable.Range(0, 2_000).Select(id => $"<{id}@example.org>"));
        var raw = Encoding.UTF8.GetBytes(
            $"References: {references}\r\nTo: {string.Join(", ", Enumerable.Repeat("someone <a@example.org>", 5_000))}\r\n\r\ntext");

        Assert.Equal(Read(Mail.Of(raw)), Read(Streamed(raw).Email));
    }

    [Theory]
    [InlineData("")]
    [InlineData("begin 644 a.txt\n#86)C\n`\nend\n")]
    public void A_long_text_is_read_as_in_memory(string end)
    {
        var raw = Encoding.UTF8.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat("A line of text.\n", 400_000)) + end);

        Assert.Equal(Read(Mail.Of(raw)), Read(Streamed(raw).Email));
    }

    [Fact]
    public void Its_attachments_are_read_by_small_reads()
    {
        var content = new byte[20 * Megabyte];
        new Random(1).NextBytes(content);
        var raw = Encoding.ASCII.GetBytes(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
                + $"Content-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)}"
                + "\r\n--b--\r\n");
        var (email, source) = Streamed(raw);

        var attachment = Assert.Single(email.Parsed.Attachments);
        using var opened = attachment.Open();
        using var copy = new MemoryStream();
        opened.CopyTo(copy);

        Assert.Equal(content.LongLength, attachment.Size);
        Assert.True(copy.ToArray().AsSpan().SequenceEqual(content));
        Assert.InRange(source.Longest, 1, 256 * 1024);
        Assert.Equal(0, source.Charged);
    }

    [Fact]
    public void Two_attachments_are_read_at_the_same_time()
    {
        var one = new string('1', 50_000);
        var two = new string('2', 50_000);
        const string Part = "--b\r\nContent-Type: application/x\r\n\r\n";
        var raw = Encoding.ASCII.GetBytes($"Content-Type: multipart/mixed; boundary=b\r\n\r\n{Part}{one}\r\n{Part}{two}\r\n--b--\r\n");
        var attachments = Streamed(raw).Email.Parsed.Attachments;
        using var first = attachments[0].Open();
        using var second = attachments[1].Open();
        var (ones, twos) = (new StringBuilder(), new StringBuilder());
        while (ones.Length < one.Length)
        {
            ones.Append((char)first.ReadByte());
            twos.Append((char)second.ReadByte());
        }

        Assert.Equal((one, two), (ones.ToString(), twos.ToString()));
    }

    [Fact]
    public void Its_stream_can_be_read_again_and_from_any_position()
    {
        var raw = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + new string('x', 100_000) + "the end");
        var (email, source) = Streamed(raw);
        using var stream = email.OpenRaw();
        using var first = new MemoryStream();
        stream.CopyTo(first);
        stream.Position = 0;
        using var again = new MemoryStream();
        stream.CopyTo(again);
        stream.Seek(-7, SeekOrigin.End);
        var end = new byte[10];

        Assert.Equal(7, stream.Read(end));
        Assert.Equal("the end", Encoding.ASCII.GetString(end, 0, 7));
        Assert.True(first.ToArray().AsSpan().SequenceEqual(raw) && again.ToArray().AsSpan().SequenceEqual(raw));
        Assert.Equal((raw.LongLength, true, false, 0L), (stream.Length, stream.CanSeek, stream.CanWrite, source.Charged));
    }

    [Fact]
    public void Raw_takes_it_into_memory_and_is_charged()
    {
        var raw = Encoding.ASCII.GetBytes("Subject: x\r\n\r\ntext");
        var (email, source) = Streamed(raw);

        Assert.True(email.Raw.Span.SequenceEqual(raw));
        Assert.Equal(raw.LongLength, source.Charged);
    }

    // The parsed form, each content, and the MIME structure.
    private static string Read(EmailMessage email)
    {
        try
        {
            var parsed = email.Parsed;
            var text = new StringBuilder(JsonSerializer.Serialize(parsed, ParsedEmailJson.Readable.ParsedEmail));
            foreach (var attachment in parsed.Attachments)
            {
                using var content = attachment.Open();
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                text.Append('\n').Append(Convert.ToBase64String(copy.ToArray()));
            }

            foreach (var part in email.Mime.BodyParts.OfType<MimePart>())
            {
                using var content = new MemoryStream();
                part.Content?.WriteTo(content, CancellationToken.None);
                text.Append('\n').Append(part.ContentType).Append(Convert.ToBase64String(content.ToArray()));
            }

            return text.ToString();
        }
        catch (MessageTooComplexException e)
        {
            return e.Limit;
        }
    }

    private static (EmailMessage Email, OutsideSource Source) Streamed(byte[] raw)
    {
        var source = new OutsideSource(raw);
        return (Mail.Of(raw) with { Content = source }, source);
    }
}
