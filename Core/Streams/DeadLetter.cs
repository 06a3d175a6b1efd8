namespace EmailIngestion.Streams;

/// <summary>
/// One dead letter: the fields of its entry and the reason. <see cref="DeadLetterStream.FindRawAsync"/> reads the message itself.
/// </summary>
public sealed record DeadLetter
{
    /// <summary>The dead letter's ID in the dead-letter stream.</summary>
    public required string Id { get; init; }

    /// <summary>The email's id, 32 hexadecimal digits. Empty when the entry had none.</summary>
    public required string EmailId { get; init; }

    /// <summary>The mailbox, as account/folder.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The folder's UIDVALIDITY. Null when the entry had none.</summary>
    public uint? UidValidity { get; init; }

    /// <summary>The email's UID. Null when the entry had none.</summary>
    public uint? Uid { get; init; }

    /// <summary>The Message-ID header.</summary>
    public required string MessageId { get; init; }

    /// <summary>The From header.</summary>
    public required string From { get; init; }

    /// <summary>The Subject header.</summary>
    public required string Subject { get; init; }

    /// <summary>When the server received the email, ISO 8601 UTC.</summary>
    public required string Date { get; init; }

    /// <summary>The size of the message in bytes, as the server reports it. Null when the entry had none.</summary>
    public long? Size { get; init; }

    /// <summary>The part of the message that is kept: <c>whole</c>, <c>headers</c> or <c>none</c>.</summary>
    public required string Body { get; init; }

    /// <summary>The entry's ID in the stream. Empty when the poller wrote the dead letter.</summary>
    public required string EntryId { get; init; }

    /// <summary>
    /// Why the email is a dead letter: permanent, max-deliveries, abandoned, malformed, oversize, fetch-failed, too-complex,
    /// body-mismatch or body-missing.
    /// </summary>
    public required string Reason { get; init; }

    /// <summary>The exception's type, or the reason.</summary>
    public required string ErrorType { get; init; }

    /// <summary>The error in one line of at most 1,000 characters.</summary>
    public required string ErrorMessage { get; init; }

    /// <summary>The exception with its stack trace and its causes, at most 8 KB. Null when the last delivery had none.</summary>
    public string? StackTrace { get; init; }

    /// <summary>A hash that similar errors share, to group dead letters by.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>How many deliveries the entry had; 0 when the poller wrote the dead letter.</summary>
    public required int DeliveryCount { get; init; }

    /// <summary>The consumer that wrote the dead letter. Empty when the poller did.</summary>
    public required string Consumer { get; init; }

    /// <summary>When the email first became a dead letter, ISO 8601 UTC. A replay keeps it.</summary>
    public required string FirstFailure { get; init; }

    /// <summary>When the email last became a dead letter, ISO 8601 UTC.</summary>
    public required string LastFailure { get; init; }

    /// <summary>How often the email has been replayed.</summary>
    public required int Replays { get; init; }

    /// <summary>The W3C trace context of the append. Null when the entry had none.</summary>
    public string? TraceParent { get; init; }
}
