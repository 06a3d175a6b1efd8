using System.Text;
using MimeKit.Utils;

namespace EmailIngestion.Mailboxes;

/// <summary>The Date header, for an email of which the server does not say when it was received.</summary>
internal static class HeaderDate
{
    // Date is among the first headers; what a hostile mail has before it is its own loss.
    private const int MaxHeaderBytes = 64 * 1024;
    private const int MaxLength = 128;

    /// <summary>The date in UTC; null when there is none, or none that can be.</summary>
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
