using System.Text.Json.Serialization;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Status;
using EmailIngestion.Streams.Control;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams;

namespace EmailIngestion.Functions;

internal sealed record HealthReport(string Status, IReadOnlyList<string> Problems);

/// <param name="At">The time of the reading.</param>
/// <param name="CircuitBreaker">
/// The state of this process's circuit breaker: closed, open or half-open. Of several, open if one is open.
/// </param>
/// <param name="Partitions">The partitions that this process serves.</param>
/// <param name="ProcessorError">The processor's last error in this process; null if there was none.</param>
/// <param name="ProcessorErrorAt">The time of that error.</param>
internal sealed record StatusReport(
    DateTimeOffset At,
    string CircuitBreaker,
    IReadOnlyList<PartitionStatus> Partitions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ProcessorError,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ProcessorErrorAt)
{
    /// <summary>The state of each circuit breaker by its processors; left out if there is only one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? CircuitBreakers { get; init; }

    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>The name of this process.</summary>
    public required string Process { get; init; }

    /// <summary>poller, consumer, both, or admin.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Whether everything is paused, in all partitions.</summary>
    public required bool Paused { get; init; }
}

internal sealed record PartitionStatus
{
    public required string Partition { get; init; }

    /// <summary>Outstanding entries: lag and pending.</summary>
    public required long Depth { get; init; }

    public required long Lag { get; init; }

    public required long Pending { get; init; }

    public required long Length { get; init; }

    /// <summary>Entries that are settled and still in the stream. They do not count toward the stream limit.</summary>
    public required long Settled { get; init; }

    /// <summary>Entries that were deleted from the stream before they were processed.</summary>
    public required long Vanished { get; init; }

    public required DateTimeOffset? VanishedAt { get; init; }

    public required double? OldestAgeSeconds { get; init; }

    public required long DlqDepth { get; init; }

    /// <summary>The bodies of large emails.</summary>
    public required BodiesStatus Bodies { get; init; }

    /// <summary>The command and key that Redis refuses for good; left out if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    public required long MemoryUsedBytes { get; init; }

    /// <summary>The memory limit of Redis in bytes; 0 for no limit.</summary>
    public required long MemoryMaxBytes { get; init; }

    public required IReadOnlyList<ConsumerStatus> Consumers { get; init; }

    public required IReadOnlyList<MailboxStatus> Mailboxes { get; init; }

    /// <summary>Conditions that need action, for example that Redis keeps too little on disk or has lost data.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The pause of the consumers; null if they are not paused.</summary>
    public required ControlMark? Paused { get; init; }

    /// <summary>The emails that each consumer may process at the same time.</summary>
    public required int Concurrency { get; init; }

    public required PartitionRates Rates { get; init; }

    public required PartitionLatency Latency { get; init; }

    /// <summary>The used part of Redis's memory, 0 to 1; null without a limit.</summary>
    public required double? MemoryUsedRatio { get; init; }

    /// <summary>The entry ID up to which everything is settled.</summary>
    public required string TrimFloor { get; init; }

    /// <summary>The last 60 minutes, oldest first.</summary>
    public required IReadOnlyList<HistoryMinute> History { get; init; }

    /// <summary>What this process has in work.</summary>
    public required IReadOnlyList<InFlightEmail> InFlight { get; init; }

    /// <summary>The warnings and more, with a code and what to do.</summary>
    public required IReadOnlyList<Advice> Advice { get; init; }
}

/// <param name="Count">The bodies that an entry or a dead letter refers to.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Released">The bodies that nothing refers to any more; they are deleted within some minutes.</param>
/// <param name="Orphans">What the last orphan pass found; null before the first.</param>
internal sealed record BodiesStatus(long Count, long Bytes, long Released, OrphansStatus? Orphans);

/// <param name="At">When the pass ended.</param>
/// <param name="Found">The old bodies that nothing refers to.</param>
/// <param name="Deleted">How many of them it deleted.</param>
/// <param name="Unknown">How many it kept, because Redis may have lost what refers to them.</param>
/// <param name="Total">All orphans that were ever deleted.</param>
internal sealed record OrphansStatus(DateTimeOffset At, long Found, long Deleted, long Unknown, long Total);

/// <param name="Name">The consumer's name in the group.</param>
/// <param name="Pending">Its deliveries.</param>
/// <param name="IdleSeconds">The time since its last command.</param>
/// <param name="Paused">Whether the consumers are paused.</param>
/// <param name="OldestInFlightSeconds">How long the oldest of its deliveries has been in the stream; null without one.</param>
internal sealed record ConsumerStatus(string Name, long Pending, double IdleSeconds, bool Paused, double? OldestInFlightSeconds);

internal sealed record MailboxStatus(
    string Name, uint? UidValidity, uint? LastUid, DateTimeOffset? LastSuccess, string? Error, DateTimeOffset? ErrorAt, bool Parked)
{
    /// <summary>paused, polling, parked, backing off, watching or waiting.</summary>
    public required string State { get; init; }

    /// <summary>The state as a sentence.</summary>
    public required string StateText { get; init; }

    /// <summary>The end of that state; null if it has none.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>The UID of the next email, as the last poll saw it.</summary>
    public required uint? UidNext { get; init; }

    /// <summary>The UIDs above the cursor, as the last poll saw it; null if they are unknown.</summary>
    public required long? Behind { get; init; }

    /// <summary>The emails that the last poll has appended.</summary>
    public required long? LastPollAppended { get; init; }

    /// <summary>The polls of the hour before the last one.</summary>
    public required long? PollsPerHour { get; init; }

    /// <summary>The emails whose outcome is settled and not followed up in the mailbox yet.</summary>
    public required long FollowUpsWaiting { get; init; }

    /// <summary>Why settled emails cannot be followed up; null: they can.</summary>
    public required string? FollowUpError { get; init; }
}

/// <param name="DeadLetters">The page.</param>
/// <param name="After">The value of <c>after</c> for the next page; null on the last page.</param>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetter> DeadLetters, string? After);

/// <param name="Deliveries">The page.</param>
/// <param name="After">The value of <c>after</c> for the next page; null on the last page.</param>
internal sealed record DeliveryPage(IReadOnlyList<PendingDelivery> Deliveries, string? After);

/// <param name="Id">The dead letter that was replayed.</param>
/// <param name="EntryId">The ID of the new entry.</param>
internal sealed record ReplayReport(string Id, string EntryId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(DeliveryPage))]
[JsonSerializable(typeof(ReplayReport))]
[JsonSerializable(typeof(ScalerReport))]
[JsonSerializable(typeof(GroupPage))]
[JsonSerializable(typeof(BulkBody))]
[JsonSerializable(typeof(BulkPreview))]
[JsonSerializable(typeof(JobReport))]
[JsonSerializable(typeof(JobPage))]
[JsonSerializable(typeof(AuditPage))]
internal sealed partial class FunctionJson : JsonSerializerContext;
