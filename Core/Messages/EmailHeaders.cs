using System.Runtime.InteropServices;
using System.Text;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>The few headers that travel beside the raw message, so that a queue or a dead letter can be read without parsing it.</summary>
internal readonly record struct EmailHeaders(string MessageId, string From, string Subject)
{
    private const int MaxLength = 500;

    // What is looked at: more than any sane header, less than a message that is nothing but header.
    private const int MaxHeaderBytes = 256 * 1024;

    /// <summary>Reads the headers at the start of a raw message. Never fails: what cannot be read is empty.</summary>
    public static EmailHeaders Read(ReadOnlyMemory<byte> raw)
    {
        ReadOnlyMemory<byte> messageId = default, from = default, subject = default;
        // Only these are decoded: of the others there may be fifty, and they are most of what a parser does with an email.
        foreach (var field in Fields(raw[..Math.Min(raw.Length, MaxHeaderBytes)]))
        {
            if (Is(field, "Message-ID"u8))
                KeepFirst(ref messageId, field);
            else if (Is(field, "From"u8))
                KeepFirst(ref from, field);
            else if (Is(field, "Subject"u8))
                KeepFirst(ref subject, field);
        }

        return new EmailHeaders(Bounded(Decode(messageId).Trim().Trim('<', '>')), Bounded(Decode(from)), Bounded(Decode(subject)));
    }

    // Each is a line and those that continue it; the first empty line ends them.
    private static IEnumerable<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> head)
    {
        var start = 0;
        for (var at = 0; at < head.Length && head.Span[at..] is not ([(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..]);)
        {
            var newline = head.Span[at..].IndexOf((byte)'\n');
            at = newline < 0 ? head.Length : at + newline + 1;
            if (at < head.Length && head.Span[at] is (byte)' ' or (byte)'\t')
                continue;
            yield return head[start..at];
            start = at;
        }
    }

    private static bool Is(ReadOnlyMemory<byte> field, ReadOnlySpan<byte> name)
    {
        var span = field.Span;
        return span.Length > name.Length
            && Ascii.EqualsIgnoreCase(span[..name.Length], name)
            && span[name.Length..].TrimStart(" \t"u8) is [(byte)':', ..];
    }

    private static void KeepFirst(ref ReadOnlyMemory<byte> kept, ReadOnlyMemory<byte> field) => kept = kept.IsEmpty ? field : kept;

    private static string Decode(ReadOnlyMemory<byte> field)
    {
        if (field.IsEmpty || !MemoryMarshal.TryGetArray(field, out var segment))
            return "";
        try
        {
            return Header.TryParse(ParserOptions.Default, segment.Array!, segment.Offset, segment.Count, out var header) ? header.Value : "";
        }
        catch (Exception)
        {
            // Whatever a decoder makes of bytes from outside: the message itself goes on as it is.
            return "";
        }
    }

    private static string Bounded(string text) => BoundedText.Cut(text.Trim(), MaxLength);
}
