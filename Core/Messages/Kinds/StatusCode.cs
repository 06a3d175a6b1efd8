namespace EmailIngestion.Messages.Kinds;

/// <summary>Finds enhanced status codes (RFC 3463) in text.</summary>
internal static class StatusCode
{
    /// <summary>The first code, such as <c>5.1.1</c>; null when there is none.</summary>
    public static string? Find(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not ('2' or '4' or '5') || (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] is '.' or '-')))
                continue;
            var end = at + 1;
            if (Skip(text, ref end) && Skip(text, ref end) && (end == text.Length || IsEnd(text[end..])))
                return text[at..end].ToString();
        }

        return null;
    }

    // The dot of a sentence may follow, but no digit: an IP address is no code.
    private static bool IsEnd(ReadOnlySpan<char> rest) =>
        !char.IsAsciiLetterOrDigit(rest[0]) && rest[0] != '-' && !(rest is ['.', var next, ..] && char.IsAsciiLetterOrDigit(next));

    private static bool Skip(ReadOnlySpan<char> text, ref int at)
    {
        if (at >= text.Length || text[at] != '.')
            return false;
        var start = ++at;
        while (at < text.Length && at - start < 3 && char.IsAsciiDigit(text[at]))
            at++;
        return at > start;
    }
}
