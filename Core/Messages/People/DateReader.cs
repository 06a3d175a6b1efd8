using MimeKit;

namespace EmailIngestion.Messages.People;

/// <summary>Reads the Date header.</summary>
internal static class DateReader
{
    /// <summary>The sender's time with its offset; null when there is none or it cannot be read.</summary>
    public static DateTimeOffset? Read(EmailConversion email) =>
        email.Mime.Headers.Contains(HeaderId.Date) && email.Mime.Date != default ? email.Mime.Date : null;
}
