namespace EmailIngestion.Corpus;

/// <summary>What another parser reads of a message.</summary>
internal sealed record PeerEmail
{
    public required string Parser { get; init; }

    /// <summary>Why the parser failed; null if it did not.</summary>
    public string? Error { get; init; }

    public string Subject { get; init; } = "";

    public string MessageId { get; init; } = "";

    public string InReplyTo { get; init; } = "";

    public DateTimeOffset? Date { get; init; }

    public IReadOnlyList<PeerAddress> From { get; init; } = [];

    public IReadOnlyList<PeerAddress> To { get; init; } = [];

    public IReadOnlyList<PeerAddress> Cc { get; init; } = [];

    public string? Text { get; init; }

    public string? Html { get; init; }

    public IReadOnlyList<PeerAttachment> Attachments { get; init; } = [];
}
