namespace EmailIngestion.Messages;

/// <summary>A report of a failed or delayed delivery (RFC 3464), or what can be read of one in another form.</summary>
public sealed record ParsedBounce
{
    /// <summary>The server that reports (Reporting-MTA); null when it is not given.</summary>
    public string? ReportingServer { get; init; }

    /// <summary>The Message-ID of the email that was not delivered; null when the report does not have it.</summary>
    public string? OriginalMessageId { get; init; }

    /// <summary>The recipients of the report.</summary>
    public required IReadOnlyList<ParsedBounceRecipient> Recipients { get; init; }
}
