using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Local.Commands.Operating;

// What the commands read from the answers. Fields that are missing keep their defaults, and unknown ones are ignored, because the server
// may be of another version. The properties have setters: generated code gives init-only ones no default.
internal sealed record ProblemAnswer
{
    public string? Title { get; set; }

    public string? Detail { get; set; }
}

internal sealed record StatusAnswer
{
    public DateTimeOffset At { get; set; }

    public string? Version { get; set; }

    public string? Process { get; set; }

    public IReadOnlyList<string> Roles { get; set; } = [];

    public bool Paused { get; set; }

    public string CircuitBreaker { get; set; } = "";

    public IReadOnlyDictionary<string, string>? CircuitBreakers { get; set; }

    public string? ProcessorError { get; set; }

    public DateTimeOffset? ProcessorErrorAt { get; set; }

    public IReadOnlyList<PartitionAnswer> Partitions { get; set; } = [];
}

internal sealed record PartitionAnswer
{
    public string Partition { get; set; } = "";

    public long Depth { get; set; }

    public long Lag { get; set; }

    public long Pending { get; set; }

    public long Length { get; set; }

    public double? OldestAgeSeconds { get; set; }

    public long DlqDepth { get; set; }

    public string? Problem { get; set; }

    public long MemoryUsedBytes { get; set; }

    public long MemoryMaxBytes { get; set; }

    public PauseAnswer? Paused { get; set; }

    public int? Concurrency { get; set; }

    public RatesAnswer? Rates { get; set; }

    public LatencyAnswer? Latency { get; set; }

    public IReadOnlyList<ConsumerAnswer> Consumers { get; set; } = [];

    public IReadOnlyList<MailboxAnswer> Mailboxes { get; set; } = [];

    public IReadOnlyList<InFlightAnswer> InFlight { get; set; } = [];

    public IReadOnlyList<MinuteAnswer?> History { get; set; } = [];

    public IReadOnlyList<string> Warnings { get; set; } = [];

    public IReadOnlyList<AdviceAnswer> Advice { get; set; } = [];
}

internal sealed record PauseAnswer
{
    public string? Scope { get; set; }

    public string? Name { get; set; }

    public DateTimeOffset? Since { get; set; }

    public string? Who { get; set; }

    public string? Reason { get; set; }
}

internal sealed record RatesAnswer
{
    public double? AppendsPerMinute { get; set; }

    public double? SettledPerMinute { get; set; }

    public double? DeadLettersPerMinute { get; set; }
}

internal sealed record LatencyAnswer
{
    public PercentilesAnswer? QueueWait { get; set; }

    public PercentilesAnswer? Processing { get; set; }
}

internal sealed record PercentilesAnswer
{
    public double? P50 { get; set; }

    public double? P95 { get; set; }

    public double? P99 { get; set; }
}

internal sealed record ConsumerAnswer
{
    public string Name { get; set; } = "";

    public long Pending { get; set; }

    public double IdleSeconds { get; set; }

    public bool Paused { get; set; }

    public double? OldestInFlightSeconds { get; set; }
}

internal sealed record MailboxAnswer
{
    public string Name { get; set; } = "";

    public string? State { get; set; }

    public string? StateText { get; set; }

    public uint? LastUid { get; set; }

    public long? Behind { get; set; }

    public DateTimeOffset? LastSuccess { get; set; }

    public long? LastPollAppended { get; set; }

    public double? PollsPerHour { get; set; }

    public string? Error { get; set; }

    public bool Parked { get; set; }
}

internal sealed record InFlightAnswer
{
    public string? Mailbox { get; set; }

    public uint? Uid { get; set; }

    public string? EntryId { get; set; }

    public string? Consumer { get; set; }

    public double? StartedAgoSeconds { get; set; }

    public int? DeliveryCount { get; set; }
}

internal sealed record MinuteAnswer
{
    public long? Depth { get; set; }
}

internal sealed record AdviceAnswer
{
    public string? Code { get; set; }

    public string Text { get; set; } = "";

    public string? Action { get; set; }
}

internal sealed record DeadLettersAnswer
{
    public IReadOnlyList<DeadLetterAnswer> DeadLetters { get; set; } = [];

    public string? After { get; set; }
}

internal sealed record DeadLetterAnswer
{
    public string Id { get; set; } = "";

    public string? EmailId { get; set; }

    public string? Mailbox { get; set; }

    public uint? UidValidity { get; set; }

    public uint? Uid { get; set; }

    public string? MessageId { get; set; }

    public string? From { get; set; }

    public string? Subject { get; set; }

    public string? Date { get; set; }

    public long? Size { get; set; }

    public string? Body { get; set; }

    public string? EntryId { get; set; }

    public string? Reason { get; set; }

    public string? ErrorType { get; set; }

    public string? ErrorMessage { get; set; }

    public string? StackTrace { get; set; }

    public string? Fingerprint { get; set; }

    public int? DeliveryCount { get; set; }

    public string? Consumer { get; set; }

    public string? FirstFailure { get; set; }

    public string? LastFailure { get; set; }

    public int? Replays { get; set; }
}

internal sealed record GroupsAnswer
{
    public IReadOnlyList<GroupAnswer> Groups { get; set; } = [];

    public long Total { get; set; }

    public string? After { get; set; }
}

internal sealed record GroupAnswer
{
    public string Fingerprint { get; set; } = "";

    public long Count { get; set; }

    public DateTimeOffset? First { get; set; }

    public DateTimeOffset? Last { get; set; }

    public string? Reason { get; set; }

    public string? ErrorType { get; set; }

    public string? Error { get; set; }

    public IReadOnlyList<MailboxCountAnswer> Mailboxes { get; set; } = [];
}

internal sealed record MailboxCountAnswer
{
    public string? Name { get; set; }

    public long Count { get; set; }
}

internal sealed record ReplayedAnswer
{
    public string Id { get; set; } = "";

    public string EntryId { get; set; } = "";
}

internal sealed record PreviewAnswer
{
    public long Count { get; set; }

    public string Token { get; set; } = "";

    public DateTimeOffset? Expires { get; set; }

    public int? MaxReplays { get; set; }

    public long Skipped { get; set; }
}

internal sealed record JobsAnswer
{
    public IReadOnlyList<JobAnswer> Jobs { get; set; } = [];

    public string? After { get; set; }
}

internal sealed record JobAnswer
{
    public string Id { get; set; } = "";

    public string? Partition { get; set; }

    public string? Kind { get; set; }

    public string State { get; set; } = "";

    public string? Reason { get; set; }

    public long? Total { get; set; }

    public long Done { get; set; }

    public long Skipped { get; set; }

    public long Failed { get; set; }

    public string? Who { get; set; }

    public DateTimeOffset? Created { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Ended { get; set; }

    public string? Process { get; set; }

    public JsonElement? Filter { get; set; }

    /// <summary>The number of items; null where it is not known.</summary>
    [JsonIgnore]
    public long? KnownTotal => Total is > 0 ? Total : null;

    [JsonIgnore]
    public bool HasEnded => State is "completed" or "cancelled" or "failed";
}

internal sealed record AuditAnswer
{
    public IReadOnlyList<AuditEntryAnswer> Entries { get; set; } = [];

    public string? After { get; set; }
}

internal sealed record AuditEntryAnswer
{
    public string? Id { get; set; }

    public string? At { get; set; }

    public string? Who { get; set; }

    public string? Action { get; set; }

    public string? Target { get; set; }

    public JsonElement? Filter { get; set; }

    public long? Count { get; set; }

    public string? Outcome { get; set; }
}

internal sealed record ControlAnswer
{
    public IReadOnlyList<PauseAnswer> Paused { get; set; } = [];

    public IReadOnlyList<ConcurrencyAnswer> Concurrency { get; set; } = [];
}

internal sealed record ConcurrencyAnswer
{
    public string Partition { get; set; } = "";

    public int? Value { get; set; }

    public DateTimeOffset? Since { get; set; }

    public string? Who { get; set; }
}

internal sealed record MailboxActionAnswer
{
    public string Mailbox { get; set; } = "";

    public bool? Forgotten { get; set; }

    /// <summary>Why a poll waits.</summary>
    public string? Note { get; set; }
}

internal sealed record SettingsAnswer
{
    public IReadOnlyList<SettingAnswer> Settings { get; set; } = [];
}

internal sealed record SettingAnswer
{
    public string Name { get; set; } = "";

    public string? Value { get; set; }

    public bool IsDefault { get; set; }

    public bool IsSecret { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(DeadLetterAnswer))]
[JsonSerializable(typeof(GroupsAnswer))]
[JsonSerializable(typeof(ReplayedAnswer))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(JobsAnswer))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(MailboxActionAnswer))]
[JsonSerializable(typeof(SettingsAnswer))]
internal sealed partial class OperatingJson : JsonSerializerContext;
