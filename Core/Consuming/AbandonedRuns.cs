using System.Collections.Concurrent;
using EmailIngestion.Processing;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>
/// Tracks abandoned runs of the processor that have not ended. Each one keeps its email in memory, and perhaps a thread. With too many of
/// them this process stops reading until some have ended, or until it is restarted.
/// </summary>
internal sealed class AbandonedRuns(
    IOptions<ProcessingOptions> options, IngestionMetrics metrics, TimeProvider time, ILogger<AbandonedRuns> logger)
{
    // A processor that observes its cancellation token ends within this time, and is not counted.
    private static readonly TimeSpan CancellationTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Task, long> _runs = new();
    private readonly Lock _gate = new();
    private int _reported;
    private bool _exceeded;

    /// <summary>The number of runs that were abandoned more than 5 seconds ago and are still running.</summary>
    public int Count => _runs.IsEmpty ? 0 : _runs.Count(run => time.GetElapsedTime(run.Value) >= CancellationTime);

    /// <summary>Why this process must be restarted; null if it need not be.</summary>
    public string? Problem => Count is var count && count > options.Value.MaxAbandoned
        ? $"{count} abandoned runs of the processor are still running (Processing:MaxAbandoned is {options.Value.MaxAbandoned})"
        : null;

    public void Add(Task run)
    {
        _runs[run] = time.GetTimestamp();
        _ = run.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Whether the process may read. Updates the metric and logs changes.</summary>
    public bool MayRead()
    {
        if (_reported == 0 && _runs.IsEmpty)
            return true;
        lock (_gate)
        {
            var count = Count;
            var exceeded = count > options.Value.MaxAbandoned;
            metrics.AbandonedRuns(count);
            if (exceeded && !_exceeded)
                Log.TooManyAbandoned(logger, count, options.Value.MaxAbandoned);
            else if (!exceeded && _exceeded)
                Log.AbandonedEnded(logger, count);
            else if (count > _reported)
                Log.Abandoned(logger, count, options.Value.MaxAbandoned);
            _exceeded = exceeded;
            _reported = count;
            return !exceeded;
        }
    }

    // The exception is observed here, so that it is not reported as an unobserved one. The result is not needed.
    private void Remove(Task run)
    {
        _ = run.Exception;
        _runs.TryRemove(run, out _);
    }
}
