namespace EmailIngestion.Messages.Content;

/// <summary>A file found in an email, before it has its safe name and its number.</summary>
internal sealed record FoundFile
{
    /// <summary>The sender's name; null when there is none.</summary>
    public string? Name { get; init; }

    /// <summary>A name for a file without one, without its extension; null: a name by the type.</summary>
    public string? Title { get; init; }

    public required string ContentType { get; init; }

    public string? Charset { get; init; }

    public string? Disposition { get; init; }

    public string? ContentId { get; init; }

    public required AttachmentContent Content { get; init; }
}
