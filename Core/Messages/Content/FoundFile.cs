namespace EmailIngestion.Messages.Content;

/// <summary>A file found in an email, before it has its safe name and its number.</summary>
internal sealed record FoundFile
{
    private const int MaxName = 4 * 1024;

    /// <summary>The sender's name, at most 4,096 characters; null when there is none.</summary>
    public string? Name
    {
        get;
        init => field = value is null ? null : BoundedText.Cut(value, MaxName);
    }

    /// <summary>A name for a file without one, without its extension; null: a name by the type.</summary>
    public string? Title
    {
        get;
        init => field = value is null ? null : BoundedText.Cut(value, MaxName);
    }

    public required string ContentType { get; init; }

    public string? Charset { get; init; }

    public string? Disposition { get; init; }

    public string? ContentId { get; init; }

    public required AttachmentContent Content { get; init; }
}
