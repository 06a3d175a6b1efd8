using System.Text;
using System.Text.RegularExpressions;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Finds the charset of HTML whose header does not tell it.</summary>
internal static partial class HtmlCharset
{
    // Where a browser looks for it (the "prescan" of the HTML standard).
    private const int MaxBytes = 1_024;

    /// <summary>The label in a meta element at the start of HTML; null when there is none.</summary>
    public static string? Find(ReadOnlySpan<byte> html)
    {
        var start = html[..Math.Min(html.Length, MaxBytes)];
        if (start.IndexOf("harset"u8) < 0 && start.IndexOf("HARSET"u8) < 0)
            return null;
        if (Meta.Match(Encoding.Latin1.GetString(start)) is not { Success: true } meta)
            return null;
        // A meta element that can be read byte by byte is not in UTF-16. As in browsers it means UTF-8.
        var label = meta.Groups["label"].Value;
        return CharsetLabels.Find(label) switch
        {
            CharsetLabels.Unknown => null,
            CharsetLabels.Utf16 or CharsetLabels.Utf16BigEndian or CharsetLabels.Utf32 or CharsetLabels.Utf32BigEndian => "utf-8",
            _ => label,
        };
    }

    [GeneratedRegex(
        """<meta\s[^>]*?charset\s*=\s*["']?\s*(?<label>[^\s"'/>;]{1,64})""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Meta { get; }
}
