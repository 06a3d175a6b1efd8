using System.Text;

namespace EmailIngestion.Messages;

/// <summary>Text that comes from outside, made fit to be kept and shown.</summary>
internal static class BoundedText
{
    /// <summary>The most characters kept of what a server says.</summary>
    public const int MaxServerText = 500;

    /// <summary>At most so many characters of a text, without half of a surrogate pair at the end.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    /// <summary>
    /// One line for a log, a status or a terminal: at most <paramref name="length"/> characters, without terminal escape sequences, control
    /// characters (C0, DEL, C1) and marks that reorder text; each run of them becomes one space.
    /// </summary>
    public static string Line(string text, int length = MaxServerText)
    {
        // Twice the length is enough to look at: what is dropped is mostly short, and the text may be megabytes.
        var input = text.AsSpan(0, Math.Min(text.Length, 2 * length));
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

    /// <summary>Several lines, each as <see cref="Line"/> has it: at most <paramref name="bytes"/> bytes in UTF-8, no blank ones.</summary>
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

    /// <summary>Whether a text can be shown as one line as it is.</summary>
    public static bool IsLine(string text) => text.Length <= MaxServerText && !text.Any(IsUnsafe);

    /// <summary>Whether a text of at most so many characters can be shown as several lines as it is.</summary>
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

    private static bool IsUnsafe(char character) =>
        char.IsControl(character)
        // Line and paragraph separator; marks, embeddings, overrides and isolates of direction.
        || character is '\u2028' or '\u2029' or '\u200e' or '\u200f' or '\u061c' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    // How many characters of an escape sequence (ECMA-48) follow the one at the beginning: CSI, its C1 form, or ESC and one character.
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
