using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Operations.Status;

/// <summary>The state of a partition for people.</summary>
public sealed record PartitionReport
{
    public required StreamSnapshot Snapshot { get; init; }

    /// <summary>The pause of the consumers; null if they are not paused.</summary>
    public required ControlMark? Paused { get; init; }

    /// <summary>Whether everything is paused.</summary>
    public required bool IsEverythingPaused { get; init; }

    /// <summary>The emails that each consumer may process at the same time.</summary>
    public required int Concurrency { get; init; }

    public required PartitionRates Rates { get; init; }

    public required PartitionLatency Latency { get; init; }

    /// <summary>The last hour, oldest minute first.</summary>
    public required IReadOnlyList<HistoryMinute> History { get; init; }

    /// <summary>What this process has in work, oldest first, at most a hundred.</summary>
    public required IReadOnlyList<InFlightEmail> InFlight { get; init; }

    /// <summary>What each mailbox does, in the order of the snapshot.</summary>
    public required IReadOnlyList<MailboxCondition> Mailboxes { get; init; }

    public required IReadOnlyList<Advice> Advice { get; init; }
}
