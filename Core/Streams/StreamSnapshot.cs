using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>One look at a partition.</summary>
public sealed record StreamSnapshot
{
    /// <summary>The partition's name; empty for the unnamed one.</summary>
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
    public long VanishedReported { get; init; }

    /// <summary>When the last of them were missed; null when there are none.</summary>
    public DateTimeOffset? VanishedAt { get; init; }

    /// <summary>How long the oldest outstanding entry has been waiting; null when there is none.</summary>
    public required TimeSpan? OldestAge { get; init; }

    /// <summary>Dead letters.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>What Redis refuses for good, by command and key; null when nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>The memory of the Redis server that holds the partition.</summary>
    public required RedisMemory Memory { get; init; }

    /// <summary>The consumers of the group.</summary>
    public required IReadOnlyList<ConsumerSnapshot> Consumers { get; init; }

    /// <summary>The mailboxes of the partition, by name.</summary>
    public required IReadOnlyList<MailboxSnapshot> Mailboxes { get; init; }

    /// <summary>What somebody must know of Redis: that it keeps too little on disk.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
