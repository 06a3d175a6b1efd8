using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>The state of a partition at one time.</summary>
public sealed record StreamSnapshot
{
    /// <summary>The partition's name. Empty for the unnamed one.</summary>
    public required string Partition { get; init; }

    /// <summary>Entries that were not delivered yet.</summary>
    public required long Lag { get; init; }

    /// <summary>Whether Redis knows the lag. If not, it is the most that it can be.</summary>
    public bool IsLagKnown { get; init; } = true;

    /// <summary>Whether the consumer group does not exist. The lag is then the length of the stream.</summary>
    public bool IsGroupMissing { get; init; }

    /// <summary>Entries that were delivered and are not settled.</summary>
    public required long Pending { get; init; }

    /// <summary>Outstanding entries: lag and pending. Settled entries that are not trimmed yet do not count.</summary>
    public long Depth => Lag + Pending;

    /// <summary>All entries in the stream, including settled ones that are not trimmed yet.</summary>
    public required long Length { get; init; }

    /// <summary>Settled entries that are not trimmed or swept yet.</summary>
    public long Settled => Math.Max(0, Length - Depth);

    /// <summary>Entries that somebody deleted before they were processed, since the partition began.</summary>
    public long Vanished { get; init; }

    /// <summary>How many of them were reported in the log.</summary>
    public long VanishedReported { get; init; }

    /// <summary>When the last of them were noticed. Null when there are none.</summary>
    public DateTimeOffset? VanishedAt { get; init; }

    /// <summary>How long the oldest outstanding entry has been waiting. Null when there is none.</summary>
    public required TimeSpan? OldestAge { get; init; }

    /// <summary>The number of dead letters.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>The bodies of the large emails.</summary>
    public BodiesSnapshot Bodies { get; init; } = new(0, 0, 0, null);

    /// <summary>The command that Redis refuses for good, with its key. Null when there is none.</summary>
    public string? Problem { get; init; }

    /// <summary>The memory of the Redis server that has the partition.</summary>
    public required RedisMemory Memory { get; init; }

    /// <summary>The consumers of the group.</summary>
    public required IReadOnlyList<ConsumerSnapshot> Consumers { get; init; }

    /// <summary>The mailboxes of the partition, ordered by name.</summary>
    public required IReadOnlyList<MailboxSnapshot> Mailboxes { get; init; }

    /// <summary>The entry ID up to which the group has settled everything. A pending entry there is the lowest one.</summary>
    public string TrimFloor { get; init; } = "0-0";

    /// <summary>What a restart of Redis loses; null if it keeps an append-only file. Read with details only.</summary>
    public string? PersistenceWarning { get; init; }

    /// <summary>Whether Redis has replicas and accepts writes that none of them has. Read with details only.</summary>
    public bool WritesAlone { get; init; }

    /// <summary>Warnings about Redis: its persistence is weak, or it does not report its memory.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
