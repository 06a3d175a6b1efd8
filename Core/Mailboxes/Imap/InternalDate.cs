using System.Globalization;
using System.Text;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>INTERNALDATE, the time at which the server got an email. Pure.</summary>
internal static class InternalDate
{
    private const string Format = "d-MMM-yyyy HH:mm:ss zzz";
    private const int MaxLength = 32;

    /// <summary>Reads it; null when it is no date, or not plausible.</summary>
    public static DateTimeOffset? Parse(ReadOnlySpan<byte> text)
    {
        Span<char> characters = stackalloc char[MaxLength];
        return Encoding.ASCII.TryGetChars(text, characters, out var length)
            && DateTimeOffset.TryParseExact(
                characters[..length], Format, CultureInfo.InvariantCulture, DateTimeStyles.AllowLeadingWhite, out var date)
            ? Plausible(date)
            : null;
    }

    /// <summary>The date in UTC. Servers without a date report 00-Jan-0000 or the start of their epoch: null.</summary>
    public static DateTimeOffset? Plausible(DateTimeOffset? date) =>
        date is { UtcDateTime.Year: > 1970 } reported ? reported.ToUniversalTime() : null;
}
