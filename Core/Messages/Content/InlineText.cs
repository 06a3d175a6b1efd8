namespace EmailIngestion.Messages.Content;

/// <summary>A text that a mail reader shows in place: a part, or a text that other parts contain.</summary>
internal sealed class InlineText(string text, bool isHtml)
{
    /// <summary>The decoded text with <c>\n</c> at the ends of its lines.</summary>
    public string Text => text;

    public bool IsHtml => isHtml;

    /// <summary>Whether it was written in another type than plain text or HTML, such as <c>text/enriched</c>.</summary>
    public bool IsOther { get; init; }

    /// <summary>Whether a bound cut it.</summary>
    public bool IsCut { get; init; }

    /// <summary>The uuencoded files that were in it.</summary>
    public IReadOnlyList<FoundFile> Files { get; init; } = [];

    /// <summary>Whether there is nothing to see.</summary>
    public bool IsBlank { get; } = string.IsNullOrWhiteSpace(text);

    /// <summary>Whether it is in the text or in the HTML of the email.</summary>
    public bool IsShown { get; set; }
}
