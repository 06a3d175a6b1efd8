using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages.People;

/// <summary>Reads the Date header.</summary>
internal static class DateReader
{
    /// <summary>The sender's time with its offset; null when there is none or it cannot be read.</summary>
    public static DateTimeOffset? Read(EmailConversion email) =>
        HeaderReader.Value(email, HeaderId.Date) is { } value ? DateText.Read(value) : null;
}
