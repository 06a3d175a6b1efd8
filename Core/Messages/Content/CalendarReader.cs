namespace EmailIngestion.Messages.Content;

/// <summary>Reads the invitation in a calendar part.</summary>
internal static class CalendarReader
{
    /// <summary>The first event of the first calendar part; null when there is none that can be read.</summary>
    public static ParsedCalendar? Read(EmailConversion email, EmailBody body) => null;
}
