namespace EmailIngestion.Messages.Kinds;

/// <summary>Finds the kind of an email.</summary>
internal static class KindReader
{
    public static EmailKind Read(EmailConversion email, ParsedBounce? bounce, ParsedCalendar? calendar) => EmailKind.Message;
}
