namespace EmailIngestion.Messages.Content.Replies;

/// <summary>
/// Finds the lines that mail programs write above quoted history, such as "On 2 Feb 2026, Ann wrote:", in English, German, French, Italian
/// and Spanish. People write such lines, too: without an address and a time, only quoted lines after it make it an attribution.
/// </summary>
internal static class AttributionLines
{
    // How many lines programs wrap it over.
    private const int MaxLines = 4;
    private const int MaxLength = 500;

    private static readonly string[] Openings = ["On ", "At ", "Am ", "Le ", "Il ", "In data ", "El "];

    // The verb is before the colon at the end, or the name or the time follows it.
    private static readonly string[] LastVerbs =
        ["wrote", "writes", "schrieb", "schreibt", "geschrieben", "a écrit", "ha scritto", "escribió", "ha escrito"];

    private static readonly string[] MiddleVerbs = [" wrote on ", " schrieb "];

    // "On 2 Feb 2026 at 10:00 I wrote:" is the sender's own sentence.
    private static readonly string[] Pronouns =
        [" I wrote:", " we wrote:", " you wrote:", " he wrote:", " she wrote:", " they wrote:", " schrieb ich", " schrieben Sie"];

    /// <summary>Finds the first line of the attribution that ends with this line; null when there is none.</summary>
    /// <param name="lines">All lines.</param>
    /// <param name="end">The last line of the attribution.</param>
    /// <param name="isQuoted">Whether the next line with text is a quoted one.</param>
    public static int? Start(ReplyLines lines, int end, bool isQuoted)
    {
        if (!lines[end].TrimEnd().EndsWith(":") || lines[end].Length > MaxLength)
            return null;
        int? found = null;
        for (var start = end; start >= 0 && end - start < MaxLines; start--)
        {
            var line = Bare(lines[start]);
            if (line.IsEmpty || line[0] == '>' || line.Length > MaxLength)
                break;
            var hasOpening = StartsWithAny(line, Openings) || StartsWithDate(line);
            // The name may come first. It may be on the line before its address.
            var mayBegin = hasOpening || start == end || (found == start + 1 && StartsInAddress(lines[start + 1])) || IsMost(lines[start]);
            if (!mayBegin || !IsAttribution(Joined(lines, start, end), hasOpening, isQuoted))
                continue;
            if (hasOpening)
                return start;
            found = start;
        }

        return found;
    }

    private static bool IsAttribution(string text, bool hasOpening, bool isQuoted)
    {
        var hasAddress = text.Contains('@', StringComparison.Ordinal);
        var hasTime = HasTime(text);
        // Above quotes, an address and a time are enough, in any language.
        if (isQuoted)
            return (hasAddress && hasTime) || (HasVerb(text) && (hasOpening || hasAddress || hasTime));
        // Gmail once wrote "2026-02-02 10:00 GMT+01:00 Ann <ann@example.org>:" in every language.
        return hasAddress && hasTime
            && (HasVerb(text) || (StartsWithDate(text) && text.EndsWith(">:", StringComparison.Ordinal)))
            && !Pronouns.Any(pronoun => text.Contains(pronoun, StringComparison.OrdinalIgnoreCase));
    }

    private static bool HasVerb(string text)
    {
        var end = text.AsSpan()[..^1].TrimEnd();
        foreach (var verb in LastVerbs)
        {
            if (end.EndsWith(verb, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return HasMiddleVerb(text);
    }

    private static bool HasMiddleVerb(ReadOnlySpan<char> text)
    {
        foreach (var verb in MiddleVerbs)
        {
            if (text.Contains(verb, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // Whether a line has what tells an attribution, and only its end is on the next line.
    private static bool IsMost(ReadOnlySpan<char> line) => line.Contains('@') && (HasTime(line) || HasMiddleVerb(line));

    // "2026-02-02", "2026/2/2"
    private static bool StartsWithDate(ReadOnlySpan<char> text) =>
        text.Length > 5 && text[4] is '-' or '/' && !text[..4].ContainsAnyExceptInRange('0', '9');

    // A time of day or a year.
    private static bool HasTime(ReadOnlySpan<char> text)
    {
        var digits = 0;
        for (var at = 0; at < text.Length; at++)
        {
            digits = char.IsAsciiDigit(text[at]) ? digits + 1 : 0;
            var isClock = digits > 0 && at + 2 < text.Length && text[at + 1] is ':' or 'h' && char.IsAsciiDigit(text[at + 2]);
            var isYear = digits == 4 && text.Slice(at - 3, 2) is "19" or "20";
            if (isClock || isYear)
                return true;
        }

        return false;
    }

    private static bool StartsInAddress(ReadOnlySpan<char> line) => line.TrimStart() is ['<', ..];

    private static bool StartsWithAny(ReadOnlySpan<char> line, string[] starts)
    {
        foreach (var start in starts)
        {
            if (line.StartsWith(start))
                return true;
        }

        return false;
    }

    private static string Joined(ReplyLines lines, int start, int end)
    {
        var joined = Bare(lines[start]).ToString();
        for (var line = start + 1; line <= end; line++)
            joined = $"{joined} {Bare(lines[line])}";
        return joined;
    }

    // Without white space and the marks of bold text.
    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> line) => line.Trim().Trim('*').Trim();
}
