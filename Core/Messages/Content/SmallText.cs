using System.Text;
using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the decoded text of a part that programs write, such as a delivery status or a calendar.</summary>
internal static class SmallText
{
    /// <summary>Reads the first bytes of a part as text; empty when it has no content.</summary>
    /// <param name="entity">The part.</param>
    /// <param name="bytes">The most bytes to read.</param>
    /// <param name="isWhole">Whether that was all.</param>
    public static string Read(MimeEntity entity, int bytes, out bool isWhole)
    {
        isWhole = true;
        if (entity is not MimePart part)
            return "";
        using var stream = EncodedContent.Of(part).Open();
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

    // Most are UTF-8 or ASCII, whatever they declare.
    private static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var isUtf8 = !Ascii.IsValid(bytes) && Utf8Check.IsValid(bytes);
        return MailEncoding.Read(isUtf8 ? CharsetLabels.Utf8 : CharsetLabels.Find(charset), bytes);
    }
}
