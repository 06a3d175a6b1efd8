using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace EmailIngestion.Telemetry;

/// <summary>All instruments. Prometheus shows their names with the suffixes of its exporter (_total, _seconds).</summary>
internal sealed class IngestionMetrics
{
    private static readonly double[] LatencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    private static readonly double[] WaitBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400];

    private readonly ConcurrentDictionary<string, double> _lastSuccess = new();
    private readonly ConcurrentDictionary<string, int> _backPressure = new();
    private readonly ConcurrentDictionary<string, int> _circuits = new();
    private readonly ConcurrentDictionary<string, int> _parked = new();
    private readonly ConcurrentDictionary<string, int> _pausedMailboxes = new();
    private readonly ConcurrentDictionary<(string Partition, string Scope), int> _paused = new();
    private readonly ConcurrentDictionary<string, Func<int>> _concurrency = new();
    private readonly Activities _activities;
    private readonly Counter<long> _processed;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _produced;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _reclaimed;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _pollErrors;
    private readonly Counter<long> _followedUp;
    private readonly Counter<long> _followUpErrors;
    private readonly Histogram<double> _processing;
    private readonly Histogram<double> _queueWait;
    private readonly Histogram<double> _endToEnd;
    private readonly Histogram<double> _poll;
    private int _abandoned;

    public IngestionMetrics(IMeterFactory factory, Activities? activities = null)
    {
        _activities = activities ?? new Activities();
        var meter = factory.Create(TelemetryNames.Meter);
        _processed = meter.CreateCounter<long>("email_ingestion_emails_processed", description: "Emails completed and settled.");
        _deadLetters = meter.CreateCounter<long>("email_ingestion_dlq_messages", description: "Emails dead-lettered, by reason.");
        _produced = meter.CreateCounter<long>("email_ingestion_emails_produced", description: "Emails appended to the stream.");
        _duplicates = meter.CreateCounter<long>(
            "email_ingestion_duplicates", description: "Emails skipped because they were appended or processed before.");
        _retries = meter.CreateCounter<long>("email_ingestion_retries", description: "Deliveries that ended in a retry.");
        _reclaimed = meter.CreateCounter<long>("email_ingestion_reclaimed", description: "Deliveries reclaimed after their lease expired.");
        _leasesLost = meter.CreateCounter<long>(
            "email_ingestion_leases_lost", description: "Deliveries lost to another consumer before they were settled.");
        _pollErrors = meter.CreateCounter<long>("email_ingestion_poll_errors", description: "Polls that failed.");
        _followedUp = meter.CreateCounter<long>(
            "email_ingestion_followed_up", description: "Settled emails that were flagged, moved or deleted in the mailbox.");
        _followUpErrors = meter.CreateCounter<long>(
            "email_ingestion_follow_up_errors", description: "Polls that could not flag, move or delete settled emails.");
        _processing = Seconds(meter, "processing_latency", "Time in the processor, per delivery.", LatencyBuckets);
        _queueWait = Seconds(meter, "email_ingestion_queue_wait", "From append to the start of processing.", WaitBuckets);
        _endToEnd = Seconds(
            meter, "email_ingestion_end_to_end_latency", "From the mailbox's receipt to the settled outcome.", WaitBuckets);
        _poll = Seconds(meter, "email_ingestion_poll_duration", "One poll of one mailbox.", WaitBuckets);

        meter.CreateObservableGauge(
            "email_ingestion_circuit_breaker_state",
            // A process without a consumer reports one closed circuit.
            () => _circuits.IsEmpty
                ? [new Measurement<int>(0)]
                : _circuits.Select(item => new Measurement<int>(item.Value, Circuit(item.Key))),
            description: "0 closed, 1 open, 2 half-open; of this process.");
        meter.CreateObservableGauge(
            "email_ingestion_abandoned_runs",
            () => Volatile.Read(ref _abandoned),
            description: "Abandoned runs of the processor that have not ended; of this process.");
        meter.CreateObservableGauge(
            "email_ingestion_poll_last_success_timestamp_seconds",
            () => _lastSuccess.Select(item => new Measurement<double>(item.Value, Mailbox(item.Key))),
            description: "Time when a poll last reached the end of the mailbox, Unix time.");
        meter.CreateObservableGauge(
            "email_ingestion_back_pressure",
            () => _backPressure.Select(item => new Measurement<int>(item.Value, Partition(item.Key))),
            description: "1 while polling waits for the stream or for Redis's memory.");
        meter.CreateObservableGauge(
            "email_ingestion_mailbox_parked",
            () => _parked.Select(item => new Measurement<int>(item.Value, Mailbox(item.Key))),
            description: "1 while a mailbox is parked, because its sign-in is refused.");
        meter.CreateObservableGauge(
            "email_ingestion_mailbox_paused",
            () => _pausedMailboxes.Select(item => new Measurement<int>(item.Value, Mailbox(item.Key))),
            description: "1 while somebody has paused the polls of a mailbox.");
        meter.CreateObservableGauge(
            "email_ingestion_paused",
            () => _paused.Select(item => new Measurement<int>(item.Value, Scope(item.Key))),
            description: "1 while somebody has paused the consumers of a partition, or everything.");
        meter.CreateObservableGauge(
            "email_ingestion_concurrency",
            () => _concurrency.Select(item => new Measurement<int>(item.Value(), Partition(item.Key))),
            description: "The emails that this process may process at the same time.");
        Downloads = new DownloadMetrics(meter);
    }

    public DownloadMetrics Downloads { get; }

    public void Processed(string partition, long count)
    {
        _processed.Add(count, Partition(partition));
        _activities.Of(partition).Add(0, count, 0);
    }

    public void DeadLettered(string partition, string reason, long count = 1)
    {
        _deadLetters.Add(count, Partition(partition), new KeyValuePair<string, object?>(TelemetryNames.Reason, reason));
        _activities.Of(partition).Add(0, 0, count);
    }

    public void Produced(string partition, string mailbox, long count)
    {
        _produced.Add(count, Mailbox(mailbox));
        _activities.Of(partition).Add(count, 0, 0);
    }

    public void Duplicates(string partition, string where, long count) =>
        _duplicates.Add(count, Partition(partition), new KeyValuePair<string, object?>(TelemetryNames.Where, where));

    public void Retried(string partition, bool counted) =>
        _retries.Add(1, Partition(partition), new KeyValuePair<string, object?>("counted", counted));

    public void Reclaimed(string partition, long count) => _reclaimed.Add(count, Partition(partition));

    public void LeasesLost(string partition, long count) => _leasesLost.Add(count, Partition(partition));

    public void ProcessingTook(string partition, TimeSpan duration, string outcome)
    {
        _processing.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(TelemetryNames.Outcome, outcome));
        _activities.Of(partition).Processing.Record(duration);
    }

    public void QueueWaited(string partition, TimeSpan duration)
    {
        _queueWait.Record(Math.Max(0, duration.TotalSeconds));
        _activities.Of(partition).QueueWait.Record(duration);
    }

    public void EndToEnd(TimeSpan duration) => _endToEnd.Record(Math.Max(0, duration.TotalSeconds));

    public void Polled(string mailbox, TimeSpan duration) => _poll.Record(duration.TotalSeconds, Mailbox(mailbox));

    public void PollFailed(string mailbox) => _pollErrors.Add(1, Mailbox(mailbox));

    public void FollowedUp(string mailbox, int count) => _followedUp.Add(count, Mailbox(mailbox));

    public void FollowUpFailed(string mailbox) => _followUpErrors.Add(1, Mailbox(mailbox));

    public void PollSucceeded(string mailbox, DateTimeOffset at) => _lastSuccess[mailbox] = at.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Ends the gauges of a mailbox that is no longer polled.</summary>
    public void Forget(string mailbox)
    {
        _lastSuccess.TryRemove(mailbox, out _);
        _parked.TryRemove(mailbox, out _);
        _pausedMailboxes.TryRemove(mailbox, out _);
        Downloads.Forget(mailbox);
    }

    public void Parked(string mailbox, bool on) => _parked[mailbox] = on ? 1 : 0;

    public void MailboxPaused(string mailbox, bool on) => _pausedMailboxes[mailbox] = on ? 1 : 0;

    public void Paused(string partition, string scope, bool on) => _paused[(partition, scope)] = on ? 1 : 0;

    /// <summary>Shows how many emails of a partition this process may process at the same time.</summary>
    public void Concurrency(string partition, Func<int> count) => _concurrency[partition] = count;

    public void BackPressure(string partition, bool on) => _backPressure[partition] = on ? 1 : 0;

    /// <summary>Sets the state of a circuit.</summary>
    /// <param name="processors">The attribute of the circuit; empty if the process has only one.</param>
    /// <param name="state">0 closed, 1 open, 2 half-open.</param>
    public void Circuit(string processors, int state) => _circuits[processors] = state;

    /// <summary>Ends the gauge of a circuit that is no longer used.</summary>
    public void ForgetCircuit(string processors) => _circuits.TryRemove(processors, out _);

    public void AbandonedRuns(int count) => Volatile.Write(ref _abandoned, count);

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] buckets) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private static KeyValuePair<string, object?> Partition(string name) => new(TelemetryNames.Partition, name);

    private static KeyValuePair<string, object?>[] Scope((string Partition, string Scope) pause) =>
        [Partition(pause.Partition), new(TelemetryNames.Scope, pause.Scope)];

    private static KeyValuePair<string, object?>[] Circuit(string processors) =>
        processors.Length == 0 ? [] : [new(TelemetryNames.Processor, processors)];

    private static KeyValuePair<string, object?> Mailbox(string name) => new(TelemetryNames.Mailbox, name);
}
