using System.Text;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the decoded text of a part that programs write, such as a delivery status or a calendar.</summary>
internal static class SmallText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the first bytes of a part as text; empty when it has no content.</summary>
    /// <param name="entity">The part.</param>
    /// <param name="bytes">The most bytes to read.</param>
    /// <param name="isWhole">Whether that was all.</param>
    public static string Read(MimeEntity entity, int bytes, out bool isWhole)
    {
        isWhole = true;
        if (entity is not MimePart { Content: { } content })
            return "";
        using var stream = content.Open();
        var buffer = new byte[4 * 1024];
        var length = 0;
        for (int read; length < bytes && (read = stream.Read(buffer, length, Math.Min(buffer.Length, bytes) - length)) > 0;)
        {
            length += read;
            if (length == buffer.Length && length < bytes)
                Array.Resize(ref buffer, Math.Min(2 * buffer.Length, bytes));
        }

        isWhole = length < bytes || stream.ReadByte() < 0;
        // A cut may be within a character.
        return Decode(buffer.AsSpan(0, isWhole ? length : FieldCutter.Whole(buffer, length - 1)), entity.ContentType.Charset);
    }

    // Most are UTF-8 or ASCII, whatever they declare. A charset that is neither is believed when the bytes are not UTF-8 or all are ASCII.
    private static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var declared = Find(charset);
        if (Ascii.IsValid(bytes))
            return (declared ?? Encoding.Latin1).GetString(bytes);
        try
        {
            return Utf8.GetString(bytes).TrimStart('\ufeff');
        }
        catch (DecoderFallbackException)
        {
            return (declared is null or { CodePage: 20127 or 28591 or 65001 } ? Encoding.GetEncoding(1252) : declared).GetString(bytes);
        }
    }

    private static Encoding? Find(string? charset)
    {
        try
        {
            // UTF-7 is not decoded: .NET holds it for unsafe.
            return charset is null ? null : Encoding.GetEncoding(charset);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
