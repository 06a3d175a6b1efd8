using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>One look at a partition.</summary>
internal sealed record StreamSnapshot
{
    public required string Partition { get; init; }

    /// <summary>Entries not yet delivered.</summary>
    public required long Lag { get; init; }

    /// <summary>Entries delivered and not settled.</summary>
    public required long Pending { get; init; }

    /// <summary>Outstanding work: lag and pending. Entries that are settled and not yet trimmed do not count.</summary>
    public long Depth => Lag + Pending;

    /// <summary>Entries in the stream, settled ones that are not yet trimmed included.</summary>
    public required long Length { get; init; }

    /// <summary>Settled entries that are not yet trimmed or swept.</summary>
    public long Settled => Math.Max(0, Length - Depth);

    /// <summary>Entries that somebody deleted before they were processed, since the partition began.</summary>
    public long Vanished { get; init; }

    /// <summary>How many of them the log has told.</summary>
    public long VanishedTold { get; init; }

    /// <summary>When the last of them were missed; null when there are none.</summary>
    public DateTimeOffset? VanishedAt { get; init; }

    /// <summary>How long the oldest outstanding entry has been waiting; null when there is none.</summary>
    public required TimeSpan? OldestAge { get; init; }

    public required long DeadLetters { get; init; }

    /// <summary>What Redis refuses for good, by command and key; null when nothing.</summary>
    public string? Problem { get; init; }

    public required RedisMemory Memory { get; init; }

    public required IReadOnlyList<ConsumerSnapshot> Consumers { get; init; }

    public required IReadOnlyList<MailboxSnapshot> Mailboxes { get; init; }

    /// <summary>What somebody must know of Redis: that it keeps too little on disk.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <param name="Name">The consumer's name.</param>
/// <param name="Pending">Deliveries it has not settled.</param>
/// <param name="Idle">Since it last asked for something.</param>
internal sealed record ConsumerSnapshot(string Name, long Pending, TimeSpan Idle);

/// <param name="Name">account/folder.</param>
/// <param name="UidValidity">Null before the first poll that reached the server.</param>
/// <param name="Last">The last UID appended.</param>
/// <param name="LastSuccess">When a poll last reached the end of the mailbox.</param>
/// <param name="Error">Why the last poll failed; null when it did not.</param>
/// <param name="ErrorAt">When it failed.</param>
/// <param name="Warning">What happened to the mailbox in the last week that somebody must know; null when nothing did.</param>
internal sealed record MailboxSnapshot(
    string Name, uint? UidValidity, uint? Last, DateTimeOffset? LastSuccess, string? Error, DateTimeOffset? ErrorAt, string? Warning);
