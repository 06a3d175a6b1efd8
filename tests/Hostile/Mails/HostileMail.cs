using System.Text;

namespace EmailIngestion.Hostile.Mails;

/// <summary>One kind of hostile email, of any size.</summary>
/// <param name="Name">A short description.</param>
/// <param name="Write">Makes the email from a size in bytes and a random generator.</param>
/// <param name="IsRefused">Whether the email is too complex from one megabyte on.</param>
internal sealed record HostileMail(string Name, Func<int, Random, byte[]> Write, bool IsRefused = false)
{
    private const string Envelope = "From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n";
    private const string Mixed = Envelope + "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";

    private static readonly byte[][] MimePieces =
    [
        .. new[]
        {
            "--b\r\n", "--b--\r\n", "\r\n", "text ", "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n",
            "=?utf-8?b?A", "\n",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public static IReadOnlyList<HostileMail> All { get; } =
    [
        // Headers.
        Repeat("Subject of encoded words without end", Envelope + "Subject: ", "=?utf-8?b?A", refused: true),
        Spread("half a megabyte of encoded words without end, then text", Envelope + "Subject: ", "=?utf-8?b?A", 500_000, "text\r\n"),
        Spread("a folded Subject of half a megabyte", Envelope + "Subject: x", "\r\n y", 500_000, "text\r\n"),
        Spread("a folded Subject of encoded words", Envelope + "Subject: x", "\r\n =?utf-8?Q?=C3=A4?=", 500_000, "text\r\n"),
        Spread("To of addresses", Envelope + "To: x@example.org", ",a@b", 500_000, "text\r\n"),
        Spread("To of names without address", Envelope + "To: x@example.org", ",$M", 500_000, "text\r\n"),
        Spread("a folded Cc", Envelope + "Cc: x@example.org", ",\r\n \"Name\" <somebody@example.org>", 500_000, "text\r\n"),
        Spread("From of one quoted name", Envelope + "From: \"", "=?utf-8?b?A,", 500_000, "text\r\n"),
        Spread("References", Envelope + "References: ", "<a@b>\r\n ", 500_000, "text\r\n"),
        Repeat("headers without end", Envelope, "X-Filler: something that is as long as a header usually is\r\n", refused: true),
        Spread("the smallest headers", Envelope, "a:\r\n", 70_000, "text\r\n"),
        Repeat("one header without end", Envelope + "Subject: ", "x", refused: true),
        Spread("continued parameters (RFC 2231)", Envelope + "Content-Type: text/plain", ";\r\n name*0*=%41", 14_000, "text\r\n"),
        Spread(
            "a file name of encoded words without end", Envelope + "Content-Type: text/plain; name=\"", "=?utf-8?b?A", 500_000, "text\r\n"),
        // Parts.
        Parts(
            "parts with long file names",
            "--b\r\nContent-Type: application/x; name=\"" + Times("=?utf-8?b?A", 300)
            + "\"\r\nContent-Disposition: attachment\r\n\r\nx\r\n", 300),
        Parts("5,000 attachments", "--b\r\nContent-Type: application/x; name=a.bin\r\nContent-Disposition: attachment\r\n\r\nx\r\n", 5_000),
        Repeat(
            "multipart/digest of empty emails", Envelope + "Content-Type: multipart/digest; boundary=b\r\n\r\n", "--b\r\n\r\n",
            refused: true),
        Repeat("bare boundaries", Mixed, "--b\n", refused: true),
        Repeat("parts of a line", Mixed, "--b\r\n\r\nx\r\n", refused: true),
        new("nested multiparts", (size, _) => Nested(size, 5_000, ""), IsRefused: true),
        new("50 nested multiparts, then lines like boundaries", (size, _) => Nested(size, 49, "--\n"), IsRefused: true),
        new("50 nested multiparts, then empty lines", (size, _) => Nested(size, 49, "\n")),
        Repeat("nested attached emails", Envelope, "Content-Type: message/rfc822\r\n\r\n", refused: true),
        Repeat("a preamble", Mixed, "text before the first part\r\n"),
        Repeat("an epilogue", Mixed + "--b\r\n\r\nx\r\n--b--\r\n", "text after the last part\r\n"),
        Repeat("a multipart without a boundary", Envelope + "Content-Type: multipart/mixed\r\n\r\n", "--b\n"),
        // Bodies.
        Repeat("plain text of one line", Envelope + "Content-Type: text/plain; charset=utf-8\r\n\r\n", "x"),
        Repeat("plain text of empty lines", Envelope + "Content-Type: text/plain; charset=utf-8\r\n\r\n", "\n"),
        Repeat("plain text of dashes", Mixed + "--b\r\n\r\n", "--\n"),
        Repeat("HTML", Envelope + "Content-Type: text/html\r\n\r\n<html>", "<p style=\"a:b\">text &amp; more</p>"),
        Repeat("HTML of opening tags", Envelope + "Content-Type: text/html\r\n\r\n", "<"),
        Repeat("flowed text", Envelope + "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", ">> flowed \r\n"),
        Repeat("text in iso-2022-jp", Envelope + "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\u001b$BF|\u001b(B"),
        Repeat("text in utf-7", Envelope + "Content-Type: text/plain; charset=utf-7\r\n\r\n", "+AGE-"),
        Repeat("text in gb18030", Envelope + "Content-Type: text/plain; charset=gb18030\r\n\r\n", "\u00816\u00a50"),
        Repeat("text in no charset there is", Envelope + "Content-Type: text/plain; charset=x-none\r\n\r\n", "\u00ff"),
        Repeat("base64", Attachment("base64"), "QUJD\r\n"),
        Repeat("base64 that is none", Attachment("base64"), "=\n!"),
        Repeat("quoted-printable", Attachment("quoted-printable"), "=41=\r\n"),
        Repeat("quoted-printable of equals signs", Attachment("quoted-printable"), "="),
        Repeat("uuencode", Attachment("x-uuencode") + "begin 644 x\r\n", "M!!!!\r\n"),
        Repeat("uuencode that begins again", Attachment("x-uuencode"), "begin 644 x\n"),
        new("TNEF that is none", (size, random) => Bytes(
            Attachment("binary").Replace("application/octet-stream", "application/ms-tnef", StringComparison.Ordinal)
            + "\u0078\u009f\u003e\u0022", size, random)),
        new("random bytes", (size, random) => Bytes("", size, random)),
        new("random bytes after a header", (size, random) => Bytes(Envelope + "\r\n", size, random)),
        new("random bytes of MIME", (size, random) => Pieces(size, random)),
    ];

    private static string Attachment(string encoding) =>
        Envelope + "Content-Type: application/octet-stream; name=a.bin\r\n"
        + $"Content-Transfer-Encoding: {encoding}\r\nContent-Disposition: attachment\r\n\r\n";

    private static HostileMail Repeat(string name, string start, string piece, bool refused = false) =>
        new(name, (size, _) => Fill(start, piece, size, size, ""), refused);

    // Stays within the limits, so that all of it is parsed.
    private static HostileMail Spread(string name, string start, string piece, int length, string body) =>
        new(name, (size, _) => Fill(start, piece, Math.Min(length, size / 2), size, $"\r\n\r\n{body}"));

    private static HostileMail Parts(string name, string part, int count) =>
        new(name, (size, _) => Fill(Mixed, part, Math.Min(part.Length * count, size / 2), size, "--b--\r\n"));

    private static byte[] Nested(int size, int depth, string piece)
    {
        var start = new StringBuilder(Envelope);
        for (var i = 0; i < depth && start.Length < size; i++)
            start.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        start.Append("Content-Type: text/plain\r\n\r\n");
        return Fill(start.ToString(), piece.Length == 0 ? "x" : piece, size, size, "");
    }

    // Writes the start, the piece up to a length, and the rest as often as it fits.
    private static byte[] Fill(string start, string piece, int length, int size, string rest)
    {
        var raw = new byte[size];
        var at = Encoding.Latin1.GetBytes(start.AsSpan(0, Math.Min(start.Length, size)), raw);
        at = Fill(raw, at, Math.Min(size, at + (length / piece.Length * piece.Length)), Encoding.Latin1.GetBytes(piece));
        if (rest.Length == 0)
            Fill(raw, at, size, Encoding.Latin1.GetBytes(piece));
        else
            Fill(raw, at, size, Encoding.Latin1.GetBytes(rest));
        return raw;
    }

    private static int Fill(byte[] raw, int from, int to, byte[] piece)
    {
        for (var at = from; at < to; at += piece.Length)
            piece.AsSpan(0, Math.Min(piece.Length, to - at)).CopyTo(raw.AsSpan(at));
        return Math.Max(from, to);
    }

    private static byte[] Bytes(string start, int size, Random random)
    {
        var raw = new byte[size];
        random.NextBytes(raw);
        Encoding.Latin1.GetBytes(start.AsSpan(0, Math.Min(start.Length, size)), raw);
        return raw;
    }

    private static byte[] Pieces(int size, Random random)
    {
        var raw = new byte[size];
        var at = Encoding.Latin1.GetBytes(Mixed, raw);
        while (at < size)
        {
            var piece = MimePieces[random.Next(MimePieces.Length)];
            at = Fill(raw, at, Math.Min(size, at + piece.Length), piece);
        }

        return raw;
    }

    private static string Times(string piece, int count) => new StringBuilder().Insert(0, piece, count).ToString();
}
