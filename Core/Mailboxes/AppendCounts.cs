using EmailIngestion.Streams;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Mailboxes;

/// <summary>Counts the appends of one poll, in its result and in the metrics.</summary>
internal sealed class AppendCounts(string mailbox, string partition, IngestionMetrics metrics)
{
    /// <summary>The counts so far.</summary>
    public PollResult Progress { get; private set; } = new(PollEnd.Complete);

    /// <summary>Adds one step of the append.</summary>
    public void Add(List<AppendItem> part, AppendResult append)
    {
        Progress = Progress.Add(append.Appended, append.Duplicates, append.DeadLettered);
        metrics.Produced(partition, mailbox, append.Appended);
        if (append.Duplicates > 0)
            metrics.Duplicates(partition, "append", append.Duplicates);
        if (append.DeadLettered == 0)
            return;
        var deadLetters = part.Where(item => item.Failure is not null && item.Message.Uid <= append.Last);
        foreach (var reason in deadLetters.CountBy(item => item.Failure!.Reason))
            metrics.DeadLettered(partition, reason.Key, reason.Value);
    }
}
