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
    public static Answer Of(ReadOnlySpan<byte> body, long? announced) => Of(body, body.Length, announced);

    /// <summary>Classifies a body of which only the beginning is in memory.</summary>
    /// <param name="beginning">The beginning of the body.</param>
    /// <param name="length">The length of the body in bytes.</param>
    /// <param name="announced">RFC822.SIZE in bytes; null when the server does not report it.</param>
    public static Answer Of(ReadOnlySpan<byte> beginning, long length, long? announced) => length switch
    {
        0 => announced == 0 ? Answer.Whole : Answer.Nothing,
        _ when announced is null || length >= announced / 2 => Answer.Whole,
        _ => HasHeaderEnd(beginning) ? Answer.Short : Answer.Fragment,
    };

    private static bool HasHeaderEnd(ReadOnlySpan<byte> body) =>
        body.StartsWith("\n"u8) || body.StartsWith("\r\n"u8) || body.IndexOf("\n\n"u8) >= 0 || body.IndexOf("\n\r\n"u8) >= 0;
}
