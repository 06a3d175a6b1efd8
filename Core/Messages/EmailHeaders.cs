using System.Runtime.InteropServices;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>The few headers that travel beside the raw message, so that a queue or a dead letter can be read without parsing it.</summary>
internal readonly record struct EmailHeaders(string MessageId, string From, string Subject)
{
    private const int MaxLength = 500;

    // What MimeKit is given to look at: more than any sane header, less than a message that is nothing but header.
    private const int MaxHeaderBytes = 256 * 1024;

    private static readonly EmailHeaders None = new("", "", "");

    /// <summary>Reads the headers at the start of a raw message. Never fails: what cannot be read is empty.</summary>
    public static EmailHeaders Read(ReadOnlyMemory<byte> raw)
    {
        var block = HeaderBlock(raw);
        if (block.IsEmpty || !MemoryMarshal.TryGetArray(block, out var segment))
            return None;
        try
        {
            using var stream = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
            var headers = new MimeParser(ParserOptions.Default, stream, MimeFormat.Entity).ParseHeaders();
            return new EmailHeaders(
                Bounded(headers[HeaderId.MessageId]?.Trim().Trim('<', '>')),
                Bounded(headers[HeaderId.From]),
                Bounded(headers[HeaderId.Subject]));
        }
        catch (FormatException)
        {
            // The parser's word for "no headers here"; the message itself goes on as it is.
            return None;
        }
    }

    private static ReadOnlyMemory<byte> HeaderBlock(ReadOnlyMemory<byte> raw)
    {
        var head = raw.Span[..Math.Min(raw.Length, MaxHeaderBytes)];
        var end = head.IndexOf("\r\n\r\n"u8);
        var bare = (end < 0 ? head : head[..end]).IndexOf("\n\n"u8);
        if (bare >= 0)
            return raw[..(bare + 2)];
        return end >= 0 ? raw[..(end + 4)] : raw[..head.Length];
    }

    private static string Bounded(string? text) => BoundedText.Cut(text?.Trim() ?? "", MaxLength);
}
