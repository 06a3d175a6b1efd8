using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Bytes;
using MimeKit;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class MessageScanTests
{
    private static readonly MessageLimits None = new()
    {
        MaxParts = int.MaxValue,
        MaxDepth = 1_000,
        MaxHeaderBytes = int.MaxValue,
        MaxHeaders = int.MaxValue,
        MaxParameters = int.MaxValue,
    };

    [Fact]
    public void It_counts_at_least_the_parts_and_the_depth_that_the_parser_sees() =>
        Gen.OneOf(MimeBytes.WellFormed, MimeBytes.Mutated).Sample(
        raw =>
        {
            var structure = Scan(raw);
            if (structure.IsBodyOnly)
                return;
            var mime = MimeLoader.Parse(new MemorySource(raw), structure, None, ranges: null, CancellationToken.None);
            var (parts, depth, headers) = Seen(mime);
            Assert.True(structure.Parts >= parts, $"{structure.Parts} parts, the parser sees {parts}.");
            Assert.True(structure.Depth >= depth, $"Depth {structure.Depth}, the parser sees {depth}.");
            Assert.True(structure.Headers >= headers, $"{structure.Headers} headers, the parser sees {headers}.");
        },
        iter: 20_000,
        print: raw => Encoding.UTF8.GetString(raw));

    [Fact]
    public void A_message_that_the_quick_check_passes_does_not_exceed_the_limits() => Gen.Select(
        Gen.OneOf(MimeBytes.WellFormed, MimeBytes.Mutated, OddBytes.Any), Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[0, 40]).Sample(
        (raw, parts, depth, headers) =>
        {
            var limits = MessageLimits.Default with { MaxParts = parts, MaxDepth = depth, MaxHeaders = headers, MaxParameters = depth };
            if (limits.CannotBeExceededBy(raw))
                MessageScan.Run(raw, limits);
        },
        iter: 20_000);

    [Fact]
    public void An_ordinary_small_email_cannot_exceed_the_limits() => Assert.True(MessageLimits.Default.CannotBeExceededBy(
        "From: a@example.org\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee https://example.org/a/b.\r\n-- \r\nA\r\n"u8));

    [Fact]
    public void Any_bytes_are_counted() => OddBytes.Any.Sample(
        raw =>
        {
            var structure = Scan(raw);
            Assert.InRange(structure.HeaderBytes, 0, raw.Length);
            Assert.InRange(structure.LongestHeader, 0, raw.Length);
        },
        iter: 5_000);

    [Fact]
    public void An_ordinary_email_is_counted_exactly()
    {
        var structure = Scan(
            "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"a b\"\r\n\r\npreamble\r\n"
            + "--a b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n-- \r\ntext\r\n"
            + "--a b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n folded\r\n\r\ntext\r\n--a b--\r\nepilogue\r\n");
        Assert.Equal((2, 2, 5, 1), (structure.Parts, structure.Depth, structure.Headers, structure.Parameters));
        Assert.Null(structure.Replacements);
    }

    [Fact]
    public void Lines_that_look_like_boundaries_are_text()
    {
        var raw = Bytes("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
            + Repeat("-- a comment of SQL\r\n--b1\r\n--\r\n", 100_000) + "--b--\r\n");
        Assert.Equal(1, MessageScan.Run(raw, MessageLimits.Default, TestContext.Current.CancellationToken).Parts);
    }

    [Fact]
    public void The_beginning_of_a_long_text_outside_all_parts_is_kept()
    {
        var outside = Repeat("a line outside\r\n", 100_000);
        var raw = Bytes($"Content-Type: multipart/mixed; boundary=b\r\n\r\n{outside}--b\r\n\r\n{outside}--b--\r\n{outside}--\r\n");
        var mime = (Multipart)MimeMails.Parse(raw, TestContext.Current.CancellationToken).Body!;
        Assert.InRange(mime.Preamble!.Length, 60_000, 66_000);
        Assert.InRange(mime.Epilogue!.Length, 60_000, 66_000);
        // The newline before a boundary belongs to the boundary, so no byte of the part is lost.
        Assert.Equal(outside.Trim().ReplaceLineEndings("\n"), ((TextPart)mime[0]).Text.Trim().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_base64_encoded_email_is_an_attachment_and_not_headers()
    {
        var structure = Scan(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Repeat("U3ViamVjdDogeA==\r\n", 10_000) + "--b--\r\n");
        Assert.InRange(structure.HeaderBytes, 100, 300);
    }

    [Theory]
    [InlineData("Processing:MaxParts", 5_000, "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n", 5_001)]
    [InlineData("Processing:MaxParts", 5_000, "Content-Type: multipart/digest; boundary=b\r\n\r\n", "--b\r\n\r\n", 5_001)]
    [InlineData("Processing:MaxParts", 5_000, "Content-Type: multipart/digest; boundary=b\r\n\r\n", "--b\n", 5_001)]
    [InlineData("Processing:MaxDepth", 50, "", "Content-Type: message/rfc822\r\n\r\n", 51)]
    [InlineData(
        "Processing:MaxHeaderBytes", 1_048_576, "", "Subject: Something that is no longer than a line is. Again and again.\r\n", 20_000)]
    [InlineData("Processing:MaxHeaderBytes", 1_048_576, "Subject: x", "\r\n Something that is no longer than a line is.", 30_000)]
    [InlineData("Processing:MaxHeaders", 20_000, "", "a:\r\n", 20_001)]
    [InlineData("Processing:MaxParameters", 1_000, "Content-Type: text/plain", ";a*0=b", 1_001)]
    public void Beyond_a_limit_it_is_too_complex_and_says_which(string limit, int maximum, string start, string piece, int count)
    {
        var error = Assert.Throws<MessageTooComplexException>(
            () => MessageScan.Run(Bytes(start + Repeat(piece, count)), MessageLimits.Default, TestContext.Current.CancellationToken));
        Assert.Equal((limit, maximum), (error.Limit, error.Maximum));
        Assert.True(error.Value > maximum);
        Assert.Contains($"{limit} is {maximum}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_counts_once_for_each_multipart_around_it()
    {
        const int depth = 40;
        var nested = Enumerable.Range(0, depth).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        Beyond_a_limit_it_is_too_complex_and_says_which(
            "Processing:MaxBoundaryChecks", 50_000_000, $"{string.Concat(nested)}\r\n", "--\n", 50_000_000 / depth);
    }

    [Fact]
    public void At_the_limit_it_is_not()
    {
        var raw = Bytes("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + Repeat("--b\r\n\r\nx\r\n", 5_000) + "--b--\r\n");
        Assert.Equal(5_000, MessageScan.Run(raw, MessageLimits.Default, TestContext.Current.CancellationToken).Parts);
    }

    [Fact]
    public void Ordinary_mail_is_within_the_limits()
    {
        var recipients = string.Join(
            ",\r\n ", Enumerable.Range(0, 300).Select(i => $"\"Somebody, Number {i}\" <somebody.{i}@lists.example.org>"));
        var raw = Bytes($"To: {recipients}\r\n" + Repeat($"ARC-Seal: {new string('x', 900)}\r\n", 110) + "Subject: x\r\n\r\ntext");
        var structure = MessageScan.Run(raw, MessageLimits.Default, TestContext.Current.CancellationToken);
        Assert.Null(structure.Replacements);
        Assert.Equal(300, MimeMails.Parse(raw, TestContext.Current.CancellationToken).To.Count);
    }

    [Fact]
    public void A_cancelled_token_ends_it() => Assert.ThrowsAny<OperationCanceledException>(
        () => MessageScan.Run(Bytes("Subject: x\r\n\r\n"), MessageLimits.Default, new CancellationToken(canceled: true)));

    private static (int Parts, int Depth, int Headers) Seen(MimeMessage message) => Seen(message.Body, 0, message.Headers.Count);

    private static (int Parts, int Depth, int Headers) Seen(MimeEntity? entity, int depth, int more)
    {
        var (parts, deepest, headers) = (0, depth, more + (entity?.Headers.Count ?? 0));
        IEnumerable<(MimeEntity? Entity, int Headers)> children = entity switch
        {
            Multipart multipart => multipart.Select(child => ((MimeEntity?)child, 0)),
            MessagePart { Message: { } message } => [(message.Body, message.Headers.Count)],
            _ => [],
        };
        foreach (var (child, own) in children)
        {
            var seen = Seen(child, depth + 1, own);
            parts += seen.Parts + (entity is Multipart ? 1 : 0);
            deepest = Math.Max(deepest, seen.Depth);
            headers += seen.Headers;
        }

        return (parts, deepest, headers);
    }

    private static MessageStructure Scan(string raw) => Scan(Bytes(raw));

    private static MessageStructure Scan(byte[] raw) => MessageScan.Run(raw, None, CancellationToken.None);

    private static byte[] Bytes(string raw) => Encoding.UTF8.GetBytes(raw);

    private static string Repeat(string piece, int count) => new StringBuilder(piece.Length * count).Insert(0, piece, count).ToString();
}
