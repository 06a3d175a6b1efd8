using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>An open link and the text that it has so far.</summary>
internal sealed class HtmlLink
{
    private const int MaxLength = 2 * 1024;

    private static readonly string[] Schemes = ["http://", "https://", "mailto:", "tel:", "ftp://", "sms:", "webcal://"];

    private readonly StringBuilder _text = new();
    private readonly string _target;

    private HtmlLink(string target) => _target = target;

    /// <summary>Begins a link; null when its target says nothing to a reader.</summary>
    public static HtmlLink? Begin(string? target)
    {
        if (target is null || target.Length > MaxLength)
            return null;
        target = Visible(target);
        var scheme = Schemes.FirstOrDefault(scheme => target.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
        return scheme switch
        {
            null => null,
            "mailto:" => new HtmlLink(Unescape(target["mailto:".Length..].Split('?')[0])),
            "tel:" or "sms:" => new HtmlLink(target[scheme.Length..]),
            _ => new HtmlLink(target),
        };
    }

    public void Write(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (_text.Length > _target.Length)
                return;
            if (!char.IsWhiteSpace(character) && !char.IsControl(character))
                _text.Append(character);
        }
    }

    /// <summary>The target to show after the text; null when the text says it, or when the link has no text.</summary>
    public string? End() =>
        _text.Length == 0 || _target.Length == 0 || Bare(_text.ToString()).Equals(Bare(_target), StringComparison.OrdinalIgnoreCase)
            ? null
            : _target;

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> target)
    {
        foreach (var scheme in Schemes)
        {
            if (target.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                target = target[scheme.Length..];
        }

        return target.TrimStart('<').TrimEnd('>').TrimEnd('/');
    }

    private static string Unescape(string target) =>
        target.Contains('%', StringComparison.Ordinal) ? Visible(Uri.UnescapeDataString(target)) : target;

    private static string Visible(string target) =>
        string.Concat(target.Where(character => !char.IsWhiteSpace(character) && !char.IsControl(character)));
}
