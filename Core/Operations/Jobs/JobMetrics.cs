using System.Diagnostics.Metrics;
using EmailIngestion.Streams.Jobs;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Operations.Jobs;

/// <summary>The instruments of jobs.</summary>
internal sealed class JobMetrics
{
    private readonly Counter<long> _ended;
    private readonly Counter<long> _items;

    public JobMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(TelemetryNames.Meter);
        _ended = meter.CreateCounter<long>(
            "email_ingestion_jobs_ended", description: "Jobs that ended in this process, by kind and state.");
        _items = meter.CreateCounter<long>("email_ingestion_job_items", description: "Items that jobs decided, by kind and outcome.");
    }

    /// <summary>A run of a job in this process is over. It counts what the run has done.</summary>
    public void Ran(Job before, Job after)
    {
        Add(before, "done", after.Done - before.Done);
        Add(before, "skipped", after.Skipped - before.Skipped);
        Add(before, "failed", after.Failed - before.Failed);
        if (after.HasEnded)
            _ended.Add(1, Partition(before), Kind(before), new("state", after.State));
    }

    private void Add(Job job, string outcome, long number)
    {
        if (number > 0)
            _items.Add(number, Partition(job), Kind(job), new(TelemetryNames.Outcome, outcome));
    }

    private static KeyValuePair<string, object?> Partition(Job job) => new(TelemetryNames.Partition, job.Partition);

    private static KeyValuePair<string, object?> Kind(Job job) => new("kind", job.Kind);
}
