namespace EmailIngestion.Mailboxes;

/// <summary>
/// Decides whether a body is the whole email, by the announced size. Servers miscount: Exchange estimates, others count a line end as two
/// bytes and send one, announce the text without its header, or announce 0. Counting line ends twice makes at most twice the size. So no
/// known miscount explains a body of less than half the announced size. Pure.
/// </summary>
internal static class AnswerRule
{
    /// <summary>Classifies a body.</summary>
    /// <param name="body">The received body.</param>
    /// <param name="announced">RFC822.SIZE in bytes; null when the server does not report it.</param>
    public static Answer Of(ReadOnlySpan<byte> body, long? announced) => body.Length switch
    {
        0 => announced == 0 ? Answer.Whole : Answer.Nothing,
        _ when announced is null || body.Length >= announced / 2 => Answer.Whole,
        _ => HasHeaderEnd(body) ? Answer.Short : Answer.Fragment,
    };

    private static bool HasHeaderEnd(ReadOnlySpan<byte> body) =>
        body.StartsWith("\n"u8) || body.StartsWith("\r\n"u8) || body.IndexOf("\n\n"u8) >= 0 || body.IndexOf("\n\r\n"u8) >= 0;
}
