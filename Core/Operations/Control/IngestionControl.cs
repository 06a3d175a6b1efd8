using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Operations.Control;

/// <summary>
/// What somebody may change while the processes run. All of it is in Redis, so any process can ask, and each one that serves the partition
/// obeys within two seconds.
/// </summary>
public sealed class IngestionControl
{
    private readonly StreamPartitions _partitions;
    private readonly MailboxList _mailboxes;

    internal IngestionControl(StreamPartitions partitions, MailboxList mailboxes) => (_partitions, _mailboxes) = (partitions, mailboxes);

    /// <summary>Changes one partition.</summary>
    public PartitionOperator Of(StreamPartition partition) => new(partition, _mailboxes);

    /// <summary>Reads the pauses and the concurrency of the given partitions; of all that this process serves for null.</summary>
    public async Task<ControlReport> ReadAsync(IReadOnlyList<StreamPartition>? partitions, CancellationToken cancellationToken)
    {
        var chosen = partitions ?? _partitions.Served;
        var states = await Task.WhenAll(chosen.Select(partition => partition.Control.ReadAsync(cancellationToken)));
        var all = chosen.Zip(states, (partition, state) => (partition.Name, State: state)).ToArray();
        return new ControlReport(
            [.. all.SelectMany(one => Pauses(one.Name, one.State))],
            [
                .. all.Where(one => one.State.Concurrency is not null).Select(one => (one.Name, Mark: one.State.Concurrency!))
                    .Select(one => new ConcurrencyReport(one.Name, one.Mark.Value, one.Mark.Since, one.Mark.Who)),
            ]);
    }

    private static IEnumerable<PauseReport> Pauses(string partition, ControlState state)
    {
        if (state.Everything is { } everything)
            yield return Pause(partition, "everything", null, everything);
        if (state.Consumers is { } consumers)
            yield return Pause(partition, "consumers", null, consumers);
        foreach (var (mailbox, mark) in state.Mailboxes.OrderBy(one => one.Key, StringComparer.Ordinal))
            yield return Pause(partition, "mailbox", mailbox, mark);
    }

    private static PauseReport Pause(string partition, string scope, string? name, ControlMark mark) =>
        new(partition, scope, name, mark.Since, mark.Who, mark.Reason);
}
