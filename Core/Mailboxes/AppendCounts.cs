using EmailIngestion.Streams;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Mailboxes;

/// <summary>Counts the appends of one poll, in its result and in the metrics.</summary>
/// <param name="mailbox">The mailbox's name.</param>
/// <param name="partition">The partition that it is appended to.</param>
/// <param name="last">The last UID that was appended before the poll.</param>
/// <param name="metrics">The metrics.</param>
internal sealed class AppendCounts(string mailbox, string partition, uint last, IngestionMetrics metrics)
{
    /// <summary>The last appended UID.</summary>
    public uint Last { get; private set; } = last;

    /// <summary>The counts so far.</summary>
    public PollResult Progress { get; private set; } = new(PollEnd.Complete);

    /// <summary>Adds one step of the append, or what was appended of it now.</summary>
    public void Add(List<AppendItem> part, AppendResult append)
    {
        var before = Last;
        Last = Math.Max(before, append.Last);
        Progress = Progress.Add(append.Appended, append.Duplicates, append.DeadLettered);
        metrics.Produced(partition, mailbox, append.Appended);
        if (append.Duplicates > 0)
            metrics.Duplicates(partition, "append", append.Duplicates);
        if (append.DeadLettered == 0)
            return;
        var deadLetters = part.Where(item => item.Failure is not null && item.Message.Uid > before && item.Message.Uid <= append.Last);
        foreach (var reason in deadLetters.CountBy(item => item.Failure!.Reason))
            metrics.DeadLettered(partition, reason.Key, reason.Value);
    }
}
