namespace EmailIngestion.Mailboxes;

/// <summary>
/// Whether what came is the email, by the size that the server announced before. Servers miscount: Exchange estimates, others count a
/// line end as two bytes and give one, announce the text without its header, or 0. Line ends make at most twice of what comes, since
/// each is a byte of it; so less than half of the size is what no miscount known explains. Pure.
/// </summary>
internal static class AnswerRule
{
    /// <summary>What a body is to us.</summary>
    /// <param name="body">What came.</param>
    /// <param name="announced">RFC822.SIZE, bytes; null when the server does not say.</param>
    public static Answer Of(ReadOnlySpan<byte> body, long? announced) => body.Length switch
    {
        0 => announced == 0 ? Answer.Whole : Answer.Nothing,
        _ when announced is null || body.Length >= announced / 2 => Answer.Whole,
        _ => HasHeaderEnd(body) ? Answer.Short : Answer.Fragment,
    };

    private static bool HasHeaderEnd(ReadOnlySpan<byte> body) =>
        body.StartsWith("\n"u8) || body.StartsWith("\r\n"u8) || body.IndexOf("\n\n"u8) >= 0 || body.IndexOf("\n\r\n"u8) >= 0;
}
