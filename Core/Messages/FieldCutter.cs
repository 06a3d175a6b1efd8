namespace EmailIngestion.Messages;

/// <summary>
/// Cuts a header field to its bound before a decoder sees it: decoders of encoded words and folded lines take time that grows with the square
/// of a value's length. A field within its bound stays as it is, byte for byte.
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

    // Below it no decoder takes half a millisecond, whatever the bytes are.
    private const int AlwaysFine = 2 * 1024;

    // An encoded word has 75 characters at most (RFC 2047); many programs write longer ones.
    private const int MaxEncodedWord = 1024;

    // "=?" without an end within that length may stand in honest text, but not often.
    private const int MaxOpenWords = 16;

    /// <summary>The field cut to its bound, with a newline at its end; null when it is within it.</summary>
    public static byte[]? Cut(ReadOnlySpan<byte> field, FieldKind kind) => field.Length <= AlwaysFine ? null : kind switch
    {
        FieldKind.Subject => CutText(field, MaxSubject),
        FieldKind.References => CutText(field, MaxReferences),
        FieldKind.Short => CutText(field, MaxShort),
        FieldKind.Addresses => ListCutter.Addresses(field),
        FieldKind.Parameters => ListCutter.Parameters(field),
        _ => CutText(field, MaxOther),
    };

    /// <summary>How much of a text to keep: at most so many bytes, no half of a word, of a character or of an encoded word.</summary>
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

    // Where the first "=?" stands that is one too many without an end: a decoder looks for the end of each up to the end of the text.
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
