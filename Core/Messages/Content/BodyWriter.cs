using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Joins what a mail reader shows to the text and the HTML of an email. A plain part beside HTML is in the HTML too, and HTML beside a
/// plain part is in the text as text, so that neither field lacks what a reader sees.
/// </summary>
internal static class BodyWriter
{
    private const int Max = BodyReader.MaxTextLength;

    /// <summary>The text and its source; null when there is none.</summary>
    public static (string? Text, TextSource? Source) Text(EmailConversion email, IReadOnlyList<InlineText> parts)
    {
        if (parts.Count == 0)
            return (null, null);
        var text = Join(email, "text", Shown(parts), "\n\n", AsText);
        if (!parts.Any(part => part.IsHtml) || parts.Any(part => !part.IsHtml && !part.IsBlank))
            return (text, TextSource.Plain);
        // HTML of pictures only has no text.
        return string.IsNullOrWhiteSpace(text) ? (null, null) : (text, TextSource.Html);

        string AsText(InlineText part) => part.IsHtml ? HtmlText.Read(part.Text, Max + 1, email.CancellationToken) : part.Text;
    }

    /// <summary>The HTML; null when no part is HTML.</summary>
    public static string? Html(EmailConversion email, IReadOnlyList<InlineText> parts) =>
        parts.Any(part => part.IsHtml)
            ? Join(email, "html", Shown(parts), "\n<br>\n", part => part.IsHtml ? part.Text : Escaped(part.Text))
            : null;

    // Blank parts separate nothing. A single one stays as it is.
    private static IReadOnlyList<InlineText> Shown(IReadOnlyList<InlineText> parts)
    {
        if (parts.Count == 1)
            return parts;
        var shown = parts.Where(part => !part.IsBlank).ToList();
        return shown.Count == 0 ? [parts[0]] : shown;
    }

    private static string Join(
        EmailConversion email, string field, IReadOnlyList<InlineText> parts, string between, Func<InlineText, string> write)
    {
        if (parts is [var one])
        {
            one.IsShown = true;
            return Cut(email, field, write(one), one.IsCut);
        }

        var joined = new StringBuilder();
        var isCut = false;
        foreach (var part in parts)
        {
            email.CancellationToken.ThrowIfCancellationRequested();
            part.IsShown = true;
            if (joined.Length > Max)
                break;
            if (joined.Length > 0)
                joined.Append(between);
            var text = write(part);
            joined.Append(part == parts[^1] ? text : text.AsSpan().TrimEnd('\n'));
            isCut |= part.IsCut;
        }

        return Cut(email, field, joined.ToString(), isCut);
    }

    private static string Cut(EmailConversion email, string field, string text, bool isCut)
    {
        if (isCut || text.Length > Max)
            email.AddTruncated(field);
        return BoundedText.Cut(text, Max);
    }

    private static string Escaped(string text) =>
        $"<pre style=\"white-space: pre-wrap\">{Mark(text.TrimEnd('\n'))}</pre>";

    private static string Mark(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
