using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// Finds the start of an email's headers. Some gateways put a line before them (an SMTP reply, an mbox line, a single space), and some mail
/// has no headers.
/// </summary>
internal static class HeaderStart
{
    /// <summary>The email has no headers.</summary>
    public const int None = -1;

    private const int FewJunkLines = 4;
    private const int MaxJunkLines = 40;
    private const int MaxLine = 4 * 1024;

    /// <summary>How many bytes of a message are enough to find its headers.</summary>
    public const int MaxBytes = (MaxJunkLines + 2) * MaxLine;

    // The names that begin an email's headers. After a line that is no header, "Note: call back" is text.
    private static readonly byte[][] Known =
    [
        .. new[]
        {
            "From", "To", "Cc", "Date", "Subject", "Message-ID", "Received", "Return-Path", "Delivered-To", "MIME-Version", "Content-Type",
            "Sender", "Reply-To", "DKIM-Signature", "ARC-Seal", "Authentication-Results", "Envelope-To", "X-Original-To",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>The offset of the first header (0 if the first line is empty), or <see cref="None"/> if there is only a body.</summary>
    public static int Find(ReadOnlySpan<byte> raw)
    {
        var at = raw is [0xef, 0xbb, 0xbf, ..] ? 3 : 0;
        var mbox = false;
        for (var line = 0; line <= MaxJunkLines && at < raw.Length; line++)
        {
            var rest = raw[at..];
            if (rest is [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..])
                return line == 0 ? 0 : None;
            if (line == 0 && IsField(rest, out _))
                return 0;
            var indent = rest.Length - rest.TrimStart(" \t"u8).Length;
            if (IsField(rest[indent..], out var name) && (mbox || IsKnown(rest.Slice(indent, name)))
                && (line <= FewJunkLines || HasKnownFields(rest[indent..])))
                return at + indent;
            mbox = (line == 0 || mbox) && (rest.StartsWith("From "u8) || rest.StartsWith(">From "u8));
            var newline = rest[..Math.Min(rest.Length, MaxLine)].IndexOf((byte)'\n');
            if (newline < 0)
                break;
            at += newline + 1;
        }

        return None;
    }

    // A field is a name of visible ASCII (RFC 5322, section 2.2), and a colon. Blanks are allowed between them. The parser takes a message
    // whose first line has another name for a body without headers.
    private static bool IsField(ReadOnlySpan<byte> line, out int name)
    {
        name = 0;
        var end = line[..Math.Min(line.Length, MaxLine)].IndexOfAny((byte)':', (byte)'\n');
        if (end <= 0 || line[end] != (byte)':')
            return false;
        var field = line[..end].TrimEnd(" \t"u8);
        name = field.Length;
        return name > 0 && !field.ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    // After many lines a single known name may be a word of the text. Several in a row are headers.
    private static bool HasKnownFields(ReadOnlySpan<byte> head)
    {
        const int needed = 3;
        var fields = new HeaderFields(head[..Math.Min(head.Length, MaxLine)]);
        for (var count = 0; fields.MoveNext(); count++)
        {
            var field = head[fields.Current];
            if (!IsField(field, out var name) || (count < needed && !IsKnown(field[..name])))
                return false;
            if (count + 1 == needed)
                return true;
        }

        return false;
    }

    private static bool IsKnown(ReadOnlySpan<byte> name)
    {
        foreach (var known in Known)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
                return true;
        }

        return name.Length > 2 && (name[0] | 0x20) == 'x' && name[1] == '-';
    }
}
