namespace EmailIngestion.Streams;

/// <summary>One dead letter: the entry as it was, and why it is here. The message itself is read apart.</summary>
public sealed record DeadLetter
{
    /// <summary>The letter's id in the dead-letter stream.</summary>
    public required string Id { get; init; }

    /// <summary>The email's id, 32 hexadecimal digits; empty when the entry had none.</summary>
    public required string EmailId { get; init; }

    public required string Mailbox { get; init; }

    public uint? UidValidity { get; init; }

    public uint? Uid { get; init; }

    public required string MessageId { get; init; }

    public required string From { get; init; }

    public required string Subject { get; init; }

    /// <summary>When the server received the email, ISO 8601 UTC.</summary>
    public required string Date { get; init; }

    /// <summary>Bytes of the message as the server counts them.</summary>
    public long? Size { get; init; }

    /// <summary>What of the message is here: <c>whole</c>, <c>headers</c> or <c>none</c>.</summary>
    public required string Body { get; init; }

    /// <summary>The id that the entry had in the stream; empty when the poller wrote the letter.</summary>
    public required string EntryId { get; init; }

    /// <summary>permanent, max-deliveries, abandoned, malformed, oversize, fetch-failed or too-complex.</summary>
    public required string Reason { get; init; }

    public required string ErrorType { get; init; }

    public required string ErrorMessage { get; init; }

    /// <summary>The exception with its stack trace and its causes, in at most 8 KB; null when the last delivery had none.</summary>
    public string? StackTrace { get; init; }

    /// <summary>The same for errors alike, to group by.</summary>
    public required string Fingerprint { get; init; }

    public required int DeliveryCount { get; init; }

    public required string Consumer { get; init; }

    public required string FirstFailure { get; init; }

    public required string LastFailure { get; init; }

    /// <summary>How often it has been replayed.</summary>
    public required int Replays { get; init; }

    public string? TraceParent { get; init; }
}
