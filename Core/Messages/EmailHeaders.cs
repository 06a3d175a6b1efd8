using System.Runtime.InteropServices;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>The headers stored beside the raw message, so that entries and dead letters can be listed without a parser.</summary>
internal readonly record struct EmailHeaders(string MessageId, string From, string Subject)
{
    private const int MaxLength = 500;

    // The bytes decoded of each header: enough for 500 characters in most encodings, and less than a millisecond for any decoder.
    private const int MaxMessageIdBytes = 1024;
    private const int MaxTextBytes = 4 * 1024;

    // The bytes searched: more than any real header has.
    private const int MaxHeaderBytes = 256 * 1024;

    /// <summary>Reads the headers at the start of a raw message. It never throws: an unreadable header is empty.</summary>
    public static EmailHeaders Read(ReadOnlyMemory<byte> raw)
    {
        ReadOnlyMemory<byte> messageId = default, from = default, subject = default;
        var start = HeaderStart.Find(raw.Span);
        if (start == HeaderStart.None)
            return new EmailHeaders("", "", "");
        var head = raw[start..Math.Min(raw.Length, start + MaxHeaderBytes)];
        // Decodes only these three: decoding all headers is most of a parser's work.
        for (var at = 0; at < head.Length && (messageId.IsEmpty || from.IsEmpty || subject.IsEmpty);)
        {
            var length = FieldLength(head.Span[at..]);
            if (length == 0)
                break;
            // The first character comes first, so that most fields need no comparison.
            switch (head.Span[at] | 0x20)
            {
                case 'm' when FieldKinds.IsNamed(head.Span.Slice(at, length), "Message-ID"u8):
                    KeepFirst(ref messageId, head.Slice(at, length), MaxMessageIdBytes);
                    break;
                case 'f' when FieldKinds.IsNamed(head.Span.Slice(at, length), "From"u8):
                    KeepFirst(ref from, head.Slice(at, length), MaxTextBytes);
                    break;
                case 's' when FieldKinds.IsNamed(head.Span.Slice(at, length), "Subject"u8):
                    KeepFirst(ref subject, head.Slice(at, length), MaxTextBytes);
                    break;
            }

            at += length;
        }

        return new EmailHeaders(Bounded(Decode(messageId).Trim().Trim('<', '>')), Bounded(Decode(from)), Bounded(Decode(subject)));
    }

    // A field is a line and its continuation lines. The first empty line ends the headers.
    private static int FieldLength(ReadOnlySpan<byte> head)
    {
        if (head is [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..])
            return 0;
        var length = 0;
        do
        {
            var newline = head[length..].IndexOf((byte)'\n');
            length = newline < 0 ? head.Length : length + newline + 1;
        }
        while (length < head.Length && head[length] is (byte)' ' or (byte)'\t');
        return length;
    }

    private static void KeepFirst(ref ReadOnlyMemory<byte> kept, ReadOnlyMemory<byte> field, int bound)
    {
        if (kept.IsEmpty)
            kept = field[..FieldCutter.Keep(field.Span, bound)];
    }

    private static string Decode(ReadOnlyMemory<byte> field)
    {
        if (field.IsEmpty || !MemoryMarshal.TryGetArray(field, out var segment))
            return "";
        try
        {
            return Header.TryParse(ParserOptions.Default, segment.Array!, segment.Offset, segment.Count, out var header)
                ? header.Value
                : "";
        }
        catch (Exception)
        {
            // A decoder may throw anything for bytes from outside. The message is stored without this header.
            return "";
        }
    }

    private static string Bounded(string text) => BoundedText.Cut(text.Trim(), MaxLength);
}
