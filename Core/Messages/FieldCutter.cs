namespace EmailIngestion.Messages;

/// <summary>
/// Cuts a header field to its bound before a decoder sees it: the time of decoders of encoded words and folded lines is quadratic in a
/// value's length. A field within its bound stays unchanged.
/// </summary>
internal static class FieldCutter
{
    public const int MaxSubject = 16 * 1024;
    public const int MaxReferences = 16 * 1024;
    public const int MaxShort = 4 * 1024;
    public const int MaxAddresses = 64 * 1024;
    public const int MaxAddress = 4 * 1024;
    public const int MaxParameters = 32 * 1024;
    public const int MaxParameter = 4 * 1024;
    public const int MaxOther = 64 * 1024;

    // Up to this length every decoder takes less than half a millisecond, for any bytes.
    private const int AlwaysFine = 2 * 1024;

    // An encoded word has at most 75 characters (RFC 2047), but many programs write longer ones.
    private const int MaxEncodedWord = 1024;

    // Plain text may contain "=?" without an end within that length, but rarely.
    private const int MaxOpenWords = 16;

    /// <summary>The field cut to its bound, with a newline at its end; null when it is within its bound.</summary>
    public static byte[]? Cut(ReadOnlySpan<byte> field, FieldKind kind) => field.Length <= AlwaysFine ? null : kind switch
    {
        FieldKind.Subject => CutText(field, MaxSubject),
        FieldKind.References => CutText(field, MaxReferences),
        FieldKind.Short => CutText(field, MaxShort),
        FieldKind.Addresses => ListCutter.Addresses(field),
        FieldKind.Parameters => ListCutter.Parameters(field),
        _ => CutText(field, MaxOther),
    };

    /// <summary>The length to keep of a text: at most the bound, without splitting a word, a character or an encoded word.</summary>
    public static int Keep(ReadOnlySpan<byte> text, int bound)
    {
        var keep = Math.Min(text.Length, bound);
        if (keep < text.Length)
        {
            var blank = text[Math.Max(0, keep - MaxEncodedWord)..keep].LastIndexOfAny(" \t\n"u8);
            keep = blank > 0 ? keep - Math.Min(keep, MaxEncodedWord) + blank : Whole(text, keep);
        }

        return Math.Min(keep, OpenWords(text[..keep]));
    }

    /// <summary>The end of the last whole UTF-8 character before an offset.</summary>
    public static int Whole(ReadOnlySpan<byte> text, int keep)
    {
        var whole = keep;
        while (whole > 0 && keep - whole < 4 && whole < text.Length && (text[whole] & 0xc0) == 0x80)
            whole--;
        return whole;
    }

    private static byte[]? CutText(ReadOnlySpan<byte> field, int bound)
    {
        var keep = Keep(field, bound);
        return keep == field.Length ? null : [.. field[..keep].TrimEnd(" \t\r\n"u8), .. "\r\n"u8];
    }

    // The offset of the first unclosed "=?" beyond MaxOpenWords. A decoder searches for the end of each one up to the end of the text.
    private static int OpenWords(ReadOnlySpan<byte> text)
    {
        var open = 0;
        var end = -1;
        for (var at = 0; text[at..].IndexOf("=?"u8) is >= 0 and var next; at += 2)
        {
            at += next;
            if (end < at + 2 && end != int.MaxValue)
                end = text[(at + 2)..].IndexOf("?="u8) is >= 0 and var found ? at + 2 + found : int.MaxValue;
            if (end - at > MaxEncodedWord && ++open > MaxOpenWords)
                return at;
        }

        return text.Length;
    }
}
