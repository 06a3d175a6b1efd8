using System.Reflection;
using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Operations.Status;

/// <summary>Tells what the partitions of this process do, and what needs a person.</summary>
public sealed class IngestionStatus
{
    private const int RateMinutes = 5;
    private const int MaxInFlight = 100;

    private readonly Memberships _memberships;
    private readonly ConsumerName _name;
    private readonly IOptions<ConsumerOptions> _consumer;
    private readonly IOptions<PollingOptions> _polling;
    private readonly TimeProvider _time;

    internal IngestionStatus(
        Memberships memberships,
        ConsumerName name,
        IOptions<ConsumerOptions> consumer,
        IOptions<PollingOptions> polling,
        TimeProvider time) =>
        (_memberships, _name, _consumer, _polling, _time) = (memberships, name, consumer, polling, time);

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(IngestionStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The name of this process: that of its consumer.</summary>
    public string Process => _name.Value;

    /// <summary>What this process does: <c>poller</c>, <c>consumer</c>, both, or <c>admin</c> for neither.</summary>
    public IReadOnlyList<string> Roles
    {
        get
        {
            List<string> roles = [];
            if (_polling.Value.Polls)
                roles.Add("poller");
            if (_consumer.Value.Enabled)
                roles.Add("consumer");
            return roles.Count == 0 ? ["admin"] : roles;
        }
    }

    /// <summary>Reads the state of a partition.</summary>
    public async Task<PartitionReport> ReadAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        var reading = partition.Inspector.ReadSnapshotAsync(details: true, cancellationToken);
        var controlling = partition.Control.ReadAsync(cancellationToken);
        var remembering = partition.History.ReadAsync(cancellationToken);
        await Task.WhenAll(reading, controlling, remembering);
        var (snapshot, control, past) = (await reading, await controlling, await remembering);
        return new PartitionReport
        {
            Snapshot = snapshot,
            Paused = control.ConsumersPause,
            IsEverythingPaused = control.Everything is not null,
            Concurrency = control.Concurrency?.Value ?? _consumer.Value.Concurrency,
            Rates = Rates(past.Minutes),
            Latency = new PartitionLatency(past.QueueWait, past.Processing, past.Processes),
            History = past.Minutes,
            InFlight = InFlight(partition.Name),
            Mailboxes = [.. snapshot.Mailboxes.Select(mailbox => MailboxCondition.Of(mailbox, control, _time.GetUtcNow()))],
            Advice = [.. PartitionAdvice.Of(snapshot, control)],
        };
    }

    private IReadOnlyList<InFlightEmail> InFlight(string partition) => _memberships.Of(partition) is { } member
        ?
        [
            .. member.Leases.Running.OrderBy(lease => lease.Began).Take(MaxInFlight).Select(lease => new InFlightEmail(
                lease.Delivery.Message?.Mailbox,
                lease.Delivery.Message?.Uid,
                lease.Delivery.EntryId,
                member.Group.Consumer,
                Math.Round(_time.GetElapsedTime(lease.Began).TotalSeconds, 3),
                lease.Delivery.DeliveryCount)),
        ]
        : [];

    // The last minute has not ended.
    private static PartitionRates Rates(IReadOnlyList<HistoryMinute> history)
    {
        HistoryMinute[] known = [.. history.SkipLast(1).TakeLast(RateMinutes).Where(minute => minute.Appended is not null)];
        return known.Length == 0
            ? new PartitionRates(null, null, null)
            : new PartitionRates(
                known.Average(minute => minute.Appended),
                known.Average(minute => minute.Settled),
                known.Average(minute => minute.DeadLettered));
    }
}
