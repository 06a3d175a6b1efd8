using System.Buffers;
using System.Globalization;
using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Makes file names safe on Linux, macOS and Windows.</summary>
internal static class FileNames
{
    /// <summary>The largest length of a name, in bytes of UTF-8.</summary>
    public const int MaxBytes = 200;

    private const int MaxExtension = 20;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/\\:*?\"<>|");

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    };

    /// <summary>
    /// The name without path, control characters, marks of direction, and characters that Windows forbids; empty when nothing is left.
    /// </summary>
    public static string Safe(string name)
    {
        var safe = new StringBuilder();
        foreach (var rune in WithoutPath(name).EnumerateRunes())
        {
            // A blank stands for each line end and tab; another control character, a half surrogate and a mark of format has no place.
            if (rune.Value is '\t' or '\r' or '\n' or 0x2028 or 0x2029)
                safe.Append(' ');
            else if (rune.IsAscii && Forbidden.Contains((char)rune.Value))
                safe.Append('_');
            else if (IsKept(rune))
                safe.Append(rune);
        }

        var text = Trimmed(Shortened(Trimmed(safe.ToString()), MaxBytes));
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (Devices.Contains((dot < 0 ? text : text[..dot]).Trim()))
            text = Trimmed(Shortened("_" + text, MaxBytes));
        return text.AsSpan().ContainsAnyExcept("._ ") ? text : "";
    }

    /// <summary>Puts text between a name and its extension. The name stays within its bound.</summary>
    public static string Append(string name, string more)
    {
        var extension = Extension(name);
        return Shortened(name[..^extension.Length], MaxBytes - Encoding.UTF8.GetByteCount(more + extension)) + more + extension;
    }

    /// <summary>Cuts a name to this many bytes of UTF-8. It keeps the extension.</summary>
    private static string Shortened(string name, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(name) <= bytes)
            return name;
        var extension = Extension(name);
        var left = bytes - Encoding.UTF8.GetByteCount(extension);
        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            length += rune.Utf16SequenceLength;
        }

        return name[..length] + extension;
    }

    private static string Extension(string name) =>
        name.LastIndexOf('.') is > 0 and var dot && name.Length - dot <= MaxExtension ? name[dot..] : "";

    // "Invoice 3/2026.pdf" is a name. What begins as a path is one.
    private static ReadOnlySpan<char> WithoutPath(string name)
    {
        var text = name.AsSpan().Trim();
        var isPath = text is ['/' or '\\', ..] or [_, ':', '\\' or '/', ..] or ['.' or '~', '/' or '\\', ..]
            or ['.', '.', '/' or '\\', ..];
        return isPath ? text[(text.TrimEnd("/\\").LastIndexOfAny('/', '\\') + 1)..] : text;
    }

    private static bool IsKept(Rune rune) => rune.Value switch
    {
        0xfffd => false,
        // The joiners are part of words in some scripts, and of emoji.
        0x200c or 0x200d => true,
        _ => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned),
    };

    // Windows drops blanks and dots at the end of a name.
    private static string Trimmed(string name) => name.TrimStart().TrimEnd(' ', '.', '\u00a0');
}
