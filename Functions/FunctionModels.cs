using System.Text.Json.Serialization;
using EmailIngestion.Streams;

namespace EmailIngestion.Functions;

internal sealed record HealthReport(string Status, IReadOnlyList<string> Problems);

/// <param name="At">When it was read.</param>
/// <param name="CircuitBreaker">closed, open or half-open; of this process.</param>
/// <param name="Partitions">The partitions that this process serves.</param>
/// <param name="ProcessorError">What the processor last failed with; of this process. Null: with nothing.</param>
/// <param name="ProcessorErrorAt">When that was.</param>
internal sealed record StatusReport(
    DateTimeOffset At,
    string CircuitBreaker,
    IReadOnlyList<PartitionStatus> Partitions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ProcessorError,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ProcessorErrorAt);

internal sealed record PartitionStatus
{
    public required string Partition { get; init; }

    /// <summary>Outstanding: lag and pending.</summary>
    public required long Depth { get; init; }

    public required long Lag { get; init; }

    public required long Pending { get; init; }

    public required long Length { get; init; }

    /// <summary>Entries that are settled and still in the stream; they do not count for the stream limit.</summary>
    public required long Settled { get; init; }

    /// <summary>Entries that somebody deleted from the stream before they were processed.</summary>
    public required long Vanished { get; init; }

    public required DateTimeOffset? VanishedAt { get; init; }

    public required double? OldestAgeSeconds { get; init; }

    public required long DlqDepth { get; init; }

    /// <summary>What Redis refuses for good, by command and key; left out when nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    public required long MemoryUsedBytes { get; init; }

    /// <summary>0: Redis has no limit.</summary>
    public required long MemoryMaxBytes { get; init; }

    public required IReadOnlyList<ConsumerStatus> Consumers { get; init; }

    public required IReadOnlyList<MailboxStatus> Mailboxes { get; init; }

    /// <summary>What somebody must know: that Redis keeps too little on disk, or has lost what it held.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

internal sealed record ConsumerStatus(string Name, long Pending, double IdleSeconds);

internal sealed record MailboxStatus(
    string Name, uint? UidValidity, uint? LastUid, DateTimeOffset? LastSuccess, string? Error, DateTimeOffset? ErrorAt);

/// <param name="DeadLetters">The page.</param>
/// <param name="After">What to give as <c>after</c> for the next page; null at the end.</param>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetter> DeadLetters, string? After);

/// <param name="Id">The dead letter that was replayed.</param>
/// <param name="EntryId">The entry it became.</param>
internal sealed record ReplayReport(string Id, string EntryId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(ReplayReport))]
internal sealed partial class FunctionJson : JsonSerializerContext;
