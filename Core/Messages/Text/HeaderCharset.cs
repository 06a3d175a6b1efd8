using System.Buffers;
using System.Text;
using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Messages.Text;

/// <summary>
/// The charset of raw 8-bit text in the headers of one email: that of its body. It is searched when such text is met, as in few emails.
/// </summary>
internal sealed class HeaderCharset(ByteSource raw)
{
    // The bytes searched for the headers and for the first part of a multipart.
    private const int MaxHeaderBytes = 256 * 1024;
    private const int MaxPartBytes = 64 * 1024;

    private static readonly byte[][] Spellings = [.. new[] { "charset", "Charset", "CHARSET" }.Select(Encoding.ASCII.GetBytes)];

    private static readonly SearchValues<byte> Ends = SearchValues.Create(" \t\r\n\"';>"u8);

    /// <summary>No charset is known, as for a part alone.</summary>
    public static HeaderCharset Unknown { get; } = new(MemorySource.Empty);

    private int? _page;

    /// <summary>The code page by the Content-Type of the email or of its first part; unknown when neither names one.</summary>
    public int Page => _page ??= Find(raw.Head(HeaderStart.MaxBytes + MaxHeaderBytes + MaxPartBytes).Span);

    private static int Find(ReadOnlySpan<byte> message)
    {
        var start = HeaderStart.Find(message);
        if (start == HeaderStart.None)
            return CharsetLabels.Unknown;
        var head = message[start..Math.Min(message.Length, start + MaxHeaderBytes)];
        var fields = new HeaderFields(head);
        var isMultipart = false;
        while (fields.MoveNext())
        {
            var field = head[fields.Current];
            if (!FieldKinds.IsNamed(field, "Content-Type"u8))
                continue;
            if (Named(field) is var page and not CharsetLabels.Unknown)
                return page;
            isMultipart = field[(field.IndexOf((byte)':') + 1)..].TrimStart(" \t\r\n"u8) is [(byte)'m' or (byte)'M', ..];
            break;
        }

        if (!isMultipart)
            return CharsetLabels.Unknown;
        var rest = message[(start + fields.End)..];
        return Named(rest[..Math.Min(rest.Length, MaxPartBytes)]);
    }

    // The first charset that is named.
    private static int Named(ReadOnlySpan<byte> text)
    {
        var (first, length) = (int.MaxValue, Spellings[0].Length);
        foreach (var spelling in Spellings)
        {
            if (text.IndexOf(spelling) is >= 0 and var found)
                first = Math.Min(first, found);
        }

        if (first == int.MaxValue)
            return CharsetLabels.Unknown;
        var value = text[(first + length)..].TrimStart(" \t\r\n"u8);
        if (value is not [(byte)'=', ..])
            return CharsetLabels.Unknown;
        value = value[1..].TrimStart(" \t\r\n\"'"u8);
        var end = value.IndexOfAny(Ends);
        value = value[..Math.Min(end < 0 ? value.Length : end, CharsetLabels.MaxLength)];
        Span<char> label = stackalloc char[value.Length];
        return CharsetLabels.Find(label[..Encoding.Latin1.GetChars(value, label)]);
    }
}
