using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class UuencodingTests
{
    private const string Cat = "begin 644 cat.txt\n#0V%T\n`\nend\n";

    [Fact]
    public void A_file_in_a_text_is_a_file_and_not_text()
    {
        var parsed = Mail.Of($"Subject: s\n\nhello\n{Cat}bye\n").Parsed;
        Assert.Equal("hello\nbye\n", parsed.Text);
        var file = Assert.Single(parsed.Attachments);
        Assert.Equal(("cat.txt", "text/plain", 3L, "Cat"), (file.FileName, file.ContentType, file.Size, Content(file)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Transfer-Encoding: quoted-printable\n")]
    public void Several_files_are_found_in_their_order(string header)
    {
        var parsed = Mail.Of($"{header}\n{Cat}between\n{Cat.Replace("cat", "cät", StringComparison.Ordinal)}").Parsed;
        Assert.Equal("between\n", parsed.Text);
        Assert.Equal(["cat.txt", "cät.txt"], parsed.Attachments.Select(file => file.FileName));
        Assert.All(parsed.Attachments, file => Assert.Equal("Cat", Content(file)));
    }

    [Theory]
    [InlineData("begin 644 words\nare only text\nend\n")]
    [InlineData("begin 644 cat.txt\n#0V%T\n`\n")]
    [InlineData("begin 644 cat.txt\n`\nend\n")]
    [InlineData("begin now\n#0V%T\n`\nend\n")]
    [InlineData("> begin 644 cat.txt\n#0V%T\n`\nend\n")]
    [InlineData("begin 999 cat.txt\n#0V%T\n`\nend\n")]
    public void What_only_looks_like_a_file_stays_text(string text)
    {
        var parsed = Mail.Of($"\n{text}").Parsed;
        Assert.Equal(text, parsed.Text);
        Assert.Empty(parsed.Attachments);
    }

    [Fact]
    public void Any_file_is_decoded() => Gen.Select(Gen.Byte.Array[1, 500], Gen.Bool, Gen.Bool).Sample((bytes, blanks, lost) =>
    {
        var encoded = Encode(bytes);
        encoded = blanks ? encoded.Replace('`', ' ') : encoded;
        encoded = lost ? string.Join('\n', encoded.Split('\n').Select(line => line.TrimEnd(' '))) : encoded;
        // A line whose every character is lost can be told from the end only by its place.
        if (encoded.Split('\n').Any(line => line.Length == 1))
            return;
        var file = Assert.Single(Mail.Of($"\nbegin 644 x.bin\n{encoded}`\nend\n").Parsed.Attachments);
        using var content = new MemoryStream();
        file.Open().CopyTo(content);
        Assert.Equal(bytes, content.ToArray());
    });

    [Theory]
    [InlineData("begin 644 x\n")]
    [InlineData("begin 644 x\n#0V%T\n")]
    [InlineData("begin ")]
    [InlineData("begin 644 x\n#0V%T\n`\nend\n")]
    public void Many_beginnings_take_linear_time(string piece)
    {
        LinearTime.Check(
            3_000_000,
            size => Mail.Of("\n" + string.Concat(Enumerable.Repeat(piece, size / piece.Length))),
            mail => Assert.InRange(mail.Parsed.Attachments.Count, 0, 1_000));
    }

    private static string Content(ParsedAttachment file)
    {
        using var reader = new StreamReader(file.Open());
        return reader.ReadToEnd();
    }

    private static string Encode(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var line in bytes.Chunk(45))
        {
            text.Append(Digit(line.Length));
            foreach (var three in line.Chunk(3))
            {
                var bits = (three[0] << 16) | ((three.Length > 1 ? three[1] : 0) << 8) | (three.Length > 2 ? three[2] : 0);
                for (var shift = 18; shift >= 0; shift -= 6)
                    text.Append(Digit((bits >> shift) & 0x3f));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static char Digit(int value) => value == 0 ? '`' : (char)(' ' + value);
}
