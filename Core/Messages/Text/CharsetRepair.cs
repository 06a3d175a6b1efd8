using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>Cleans decoded text of what a decoder leaves in it: byte order marks, C1 control characters and single surrogates.</summary>
internal static class CharsetRepair
{
    // The characters of windows-1252 for its bytes 0x80 to 0x9F. Five have none.
    private const string Windows1252 =
        "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

    /// <summary>
    /// Replaces C1 control characters. No text has them: they are windows-1252 under another label. In a charset of several bytes a
    /// character they are bytes that it does not use.
    /// </summary>
    public static string Clean(string text, Encoding encoding)
    {
        if (text is ['\uFEFF', ..])
            text = text[1..];
        if (encoding.CodePage == CharsetLabels.Utf7)
            text = WithoutHalves(text);
        if (text.AsSpan().IndexOfAnyInRange('\u0080', '\u009f') is not (>= 0 and var first))
            return text;
        var isWindows = encoding.IsSingleByte
            || encoding.CodePage is CharsetLabels.Utf8 or CharsetLabels.Utf16 or CharsetLabels.Utf16BigEndian;
        return string.Create(text.Length, (text, first, isWindows), static (characters, state) =>
        {
            state.text.CopyTo(characters);
            foreach (ref var character in characters[state.first..])
            {
                if (character is >= '\u0080' and <= '\u009f')
                    character = state.isWindows ? Windows1252[character - '\u0080'] : '\uFFFD';
            }
        });
    }

    // UTF-7 is the only charset whose decoder lets half of a surrogate pair through.
    private static string WithoutHalves(string text)
    {
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            whole.Append(rune.ToString());
        return whole.ToString();
    }
}
