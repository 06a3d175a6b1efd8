using EmailIngestion.Messages.Bytes;
using MimeKit;
using MimeKit.Utils;

namespace EmailIngestion.Messages.Content;

/// <summary>Finds how the content of a part is encoded, as leniently as mail readers do.</summary>
internal static class TransferEncoding
{
    // Enough for a first line.
    private const int MaxLine = 64 * 1024;

    public static ContentEncoding Of(MimePart part, ByteSource content)
    {
        var encoding = part.ContentTransferEncoding;
        if (encoding == ContentEncoding.Default && part.Headers[HeaderId.ContentTransferEncoding] is { } value)
            encoding = Read(value);
        return encoding == ContentEncoding.Base64 && part is TextPart && IsText(content.Head(MaxLine).Span)
            ? ContentEncoding.Default
            : encoding;
    }

    // Some programs quote the value, or write a comment or a parameter behind it.
    private static ContentEncoding Read(string value)
    {
        var end = value.AsSpan().Trim().IndexOfAny(";(, ");
        var word = end < 0 ? value : value.Trim()[..end];
        return MimeUtils.TryParse(word.Trim(' ', '\t', '"', '\'', '.'), out ContentEncoding encoding) ? encoding : ContentEncoding.Default;
    }

    // A line of base64 has no blanks between its characters. Text that only says it is base64 has some in its first line.
    private static bool IsText(ReadOnlySpan<byte> content)
    {
        content = content.TrimStart(" \t\r\n"u8);
        var end = content.IndexOf((byte)'\n');
        return (end < 0 ? content : content[..end]).Trim(" \t\r"u8).Contains((byte)' ');
    }
}
