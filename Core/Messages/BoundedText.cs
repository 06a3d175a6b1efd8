using System.Text;

namespace EmailIngestion.Messages;

/// <summary>Cleans and cuts text from outside, so that it can be stored and shown.</summary>
internal static class BoundedText
{
    /// <summary>The largest length of a server's text, in characters.</summary>
    public const int MaxServerText = 500;

    /// <summary>Cuts a text to at most this many characters. It does not split a surrogate pair.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    /// <summary>
    /// Makes one line for a log, a status or a terminal: at most <paramref name="length"/> characters. Each run of terminal escape
    /// sequences, control characters (C0, DEL, C1) and marks that reorder text becomes one space.
    /// </summary>
    public static string Line(string text, int length = MaxServerText)
    {
        // Reads at most twice the length: removed characters are few, and the text may have megabytes.
        var input = Cut(text, 2 * length).AsSpan();
        var line = new StringBuilder(Math.Min(input.Length, length));
        var gap = false;
        for (var at = 0; at < input.Length; at++)
        {
            if (IsUnsafe(input[at]))
            {
                at += EscapeSequence(input[at..]);
                gap = line.Length > 0;
                continue;
            }

            if (gap && line[^1] == ' ' && input[at] == ' ')
                continue;
            if (gap && line[^1] != ' ' && input[at] != ' ')
                line.Append(' ');
            gap = false;
            line.Append(input[at]);
        }

        return Cut(line.ToString().TrimEnd(), length);
    }

    /// <summary>
    /// Cleans each line as <see cref="Line"/> does: at most <paramref name="bytes"/> bytes in UTF-8, without blank lines.
    /// </summary>
    public static string Lines(string text, int bytes)
    {
        var lines = new StringBuilder();
        var left = bytes;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (left <= 0)
                break;
            var line = CutBytes(Line(text[range]), left);
            if (line.Length == 0)
                continue;
            lines.Append(line).Append('\n');
            left -= Encoding.UTF8.GetByteCount(line) + 1;
        }

        return lines.ToString().TrimEnd('\n');
    }

    /// <summary>The text with a space in place of each control character. Line ends stay.</summary>
    public static string WithoutControls(string text) => !text.Any(IsControl)
        ? text
        : string.Create(text.Length, text, static (characters, from) =>
        {
            for (var at = 0; at < from.Length; at++)
                characters[at] = IsControl(from[at]) ? ' ' : from[at];
        });

    /// <summary>Whether a text is a safe line without changes.</summary>
    public static bool IsLine(string text) => text.Length <= MaxServerText && !text.Any(IsUnsafe);

    /// <summary>Whether a text has at most this many characters and is safe as several lines without changes.</summary>
    public static bool AreLines(string text, int length) =>
        text.Length <= length && !text.Any(character => character != '\n' && IsUnsafe(character));

    private static string CutBytes(string text, int bytes)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
                return text[..length];
            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    private static bool IsControl(char character) => character != '\n' && char.IsControl(character);

    private static bool IsUnsafe(char character) =>
        char.IsControl(character)
        // Line and paragraph separator; marks, embeddings, overrides and isolates of direction.
        || character is '\u2028' or '\u2029' or '\u200e' or '\u200f' or '\u061c'
            or (>= '\u202a' and <= '\u202e')
            or (>= '\u2066' and <= '\u2069');

    // The length of the escape sequence (ECMA-48) at the beginning, less one: CSI, its C1 form, or ESC and one character.
    private static int EscapeSequence(ReadOnlySpan<char> text)
    {
        var parameters = text switch
        {
            ['\u001b', '[', ..] => 2,
            ['\u009b', ..] => 1,
            ['\u001b', > ' ' and < '\u007f', ..] => 0,
            _ => -1,
        };
        if (parameters < 1)
            return parameters == 0 ? 1 : 0;
        var at = parameters;
        while (at < text.Length && text[at] is >= ' ' and <= '?')
            at++;
        return Math.Min(at, text.Length - 1);
    }
}
