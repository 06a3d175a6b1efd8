namespace EmailIngestion.Streams.Dlq;

/// <summary>The dead letters of one fingerprint.</summary>
public sealed record DeadLetterGroup
{
    /// <summary>The fingerprint; empty for dead letters without one.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>How many there are; with a filter by mailbox, of that mailbox.</summary>
    public required long Count { get; init; }

    /// <summary>When the first of them became a dead letter.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>When the last of them became a dead letter.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The first dead letter's ID.</summary>
    public required string FirstId { get; init; }

    /// <summary>The last dead letter's ID.</summary>
    public required string LastId { get; init; }

    /// <summary>The last one's reason.</summary>
    public required string Reason { get; init; }

    /// <summary>The type of the last one's error.</summary>
    public required string ErrorType { get; init; }

    /// <summary>The last one's error, in one line.</summary>
    public required string Error { get; init; }

    /// <summary>The mailboxes with most of them, at most 20, the largest first.</summary>
    public required IReadOnlyList<GroupMailbox> Mailboxes { get; init; }

    /// <summary>The last one.</summary>
    public required GroupExample Example { get; init; }
}
