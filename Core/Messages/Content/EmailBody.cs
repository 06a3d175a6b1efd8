namespace EmailIngestion.Messages.Content;

/// <summary>The text, the HTML and the attachments of an email: each leaf part is in exactly one of them.</summary>
internal sealed record EmailBody
{
    public string? Text { get; init; }

    public TextSource? TextSource { get; init; }

    public string? Html { get; init; }

    public required IReadOnlyList<ParsedAttachment> Attachments { get; init; }
}
