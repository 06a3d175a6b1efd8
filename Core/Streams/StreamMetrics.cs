using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Streams;

/// <summary>The gauges of the streams. Each shows the last snapshot of its partition.</summary>
internal sealed class StreamMetrics
{
    private readonly ConcurrentDictionary<string, StreamSnapshot> _snapshots = new();

    public StreamMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(TelemetryNames.Meter);
        Gauge(meter, "email_ingestion_stream_depth", "Outstanding entries: lag and pending.", snapshot => snapshot.Depth);
        Gauge(meter, "email_ingestion_stream_lag", "Entries not yet delivered.", snapshot => snapshot.Lag);
        Gauge(meter, "email_ingestion_stream_pending", "Entries delivered and not settled.", snapshot => snapshot.Pending);
        Gauge(
            meter,
            "email_ingestion_stream_length",
            "Entries in the stream, settled ones not yet trimmed included.",
            snapshot => snapshot.Length);
        // Redis keeps the count, so that a restart does not reset it.
        meter.CreateObservableCounter(
            "email_ingestion_entries_vanished",
            () => _snapshots.Values.Select(snapshot => new Measurement<long>(snapshot.Vanished, Partition(snapshot.Partition))),
            description: "Entries that somebody deleted from the stream before they were processed.");
        Gauge(meter, "email_ingestion_dlq_depth", "Dead letters.", snapshot => snapshot.DeadLetters);
        Gauge(
            meter,
            "email_ingestion_oldest_age_seconds",
            "How long the oldest outstanding entry has been waiting.",
            snapshot => snapshot.OldestAge?.TotalSeconds ?? 0);
        Gauge(
            meter,
            "email_ingestion_bodies",
            "Bodies of large emails that an entry or a dead letter refers to.",
            snapshot => snapshot.Bodies.Count);
        Gauge(meter, "email_ingestion_bodies_bytes", "The bytes of those bodies.", snapshot => snapshot.Bodies.Bytes);
        Gauge(
            meter,
            "email_ingestion_body_orphans",
            "Bodies without a referer that the last orphan pass could not delete.",
            snapshot => snapshot.Bodies.Orphans is { } orphans ? orphans.Found - orphans.Deleted : 0);
        // Redis keeps the count, so that a restart does not reset it.
        meter.CreateObservableCounter(
            "email_ingestion_body_orphans_deleted",
            () => _snapshots.Values.Select(
                snapshot => new Measurement<long>(snapshot.Bodies.Orphans?.Total ?? 0, Partition(snapshot.Partition))),
            description: "Orphaned bodies that were deleted.");
        meter.CreateObservableGauge(
            "email_ingestion_follow_ups_waiting",
            () => _snapshots.Values.SelectMany(snapshot => snapshot.Mailboxes).Select(mailbox => new Measurement<long>(
                mailbox.FollowUpsWaiting, new KeyValuePair<string, object?>(TelemetryNames.Mailbox, mailbox.Name))),
            description: "Emails whose outcome is settled and not followed up in the mailbox yet.");
        Gauge(meter, "email_ingestion_redis_memory_ratio", "Used part of maxmemory; 0 without a limit.", snapshot => snapshot.Memory.Ratio);
    }

    /// <summary>Shows the values of this snapshot.</summary>
    public void Observe(StreamSnapshot snapshot) => _snapshots[snapshot.Partition] = snapshot;

    /// <summary>Removes the values of a partition that cannot be read, because the last ones may be wrong.</summary>
    public void Forget(string partition) => _snapshots.TryRemove(partition, out _);

    private void Gauge(Meter meter, string name, string description, Func<StreamSnapshot, double> value) =>
        meter.CreateObservableGauge(
            name,
            () => _snapshots.Values.Select(snapshot => new Measurement<double>(value(snapshot), Partition(snapshot.Partition))),
            description: description);

    private static KeyValuePair<string, object?> Partition(string name) => new(TelemetryNames.Partition, name);
}
