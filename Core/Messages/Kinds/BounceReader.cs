namespace EmailIngestion.Messages.Kinds;

/// <summary>Reads reports of failed and delayed deliveries.</summary>
internal static class BounceReader
{
    /// <summary>The report; null when the email is none.</summary>
    public static ParsedBounce? Read(EmailConversion email) => null;
}
