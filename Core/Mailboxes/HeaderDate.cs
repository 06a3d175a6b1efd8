using System.Text;
using MimeKit.Utils;

namespace EmailIngestion.Mailboxes;

/// <summary>Reads the Date header of an email, for servers that do not report the time of receipt.</summary>
internal static class HeaderDate
{
    // The bytes searched: Date is among the first headers.
    private const int MaxHeaderBytes = 64 * 1024;
    private const int MaxLength = 128;

    /// <summary>The date in UTC; null when it is missing or not plausible.</summary>
    public static DateTimeOffset? Read(ReadOnlyMemory<byte> raw)
    {
        var rest = raw.Span[..Math.Min(raw.Length, MaxHeaderBytes)];
        while (!rest.IsEmpty && rest is not ([(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..]))
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            if (line.Length > 5 && Ascii.EqualsIgnoreCase(line[..5], "Date:"u8))
                return Parse(line[5..]);
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return null;
    }

    private static DateTimeOffset? Parse(ReadOnlySpan<byte> text)
    {
        var value = Encoding.ASCII.GetString(text[..Math.Min(text.Length, MaxLength)]).Trim();
        return DateUtils.TryParse(value, out var date) && date.UtcDateTime.Year > 1970 ? date.ToUniversalTime() : null;
    }
}
