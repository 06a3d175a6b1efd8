using System.Collections.Concurrent;
using EmailIngestion.Processing;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>
/// Runs of the processor that were given up and have not ended: each holds its email and perhaps a thread. Too many, and this process does
/// not read any more until some have ended, or until it is started again.
/// </summary>
internal sealed class AbandonedRuns(
    IOptions<ProcessingOptions> options, IngestionMetrics metrics, TimeProvider time, ILogger<AbandonedRuns> logger)
{
    // A processor that heeds its token ends within it.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Task, long> _runs = new();
    private readonly Lock _gate = new();
    private int _told;
    private bool _exceeded;

    /// <summary>Runs that go on although they were given up more than a moment ago.</summary>
    public int Count => _runs.IsEmpty ? 0 : _runs.Count(run => time.GetElapsedTime(run.Value) >= Moment);

    /// <summary>Why this process has to be started again; null while it need not.</summary>
    public string? Problem => Count is var count && count > options.Value.MaxAbandoned
        ? $"{count} runs of the processor were given up and go on (Processing:MaxAbandoned is {options.Value.MaxAbandoned})"
        : null;

    public void Add(Task run)
    {
        _runs[run] = time.GetTimestamp();
        _ = run.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Whether the process may read; tells the metric and the log what has changed.</summary>
    public bool MayRead()
    {
        if (_told == 0 && _runs.IsEmpty)
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
            else if (count > _told)
                Log.Abandoned(logger, count, options.Value.MaxAbandoned);
            _exceeded = exceeded;
            _told = count;
            return !exceeded;
        }
    }

    // What it ended with concerns nobody any more; unobserved, it would be reported as a fault.
    private void Remove(Task run)
    {
        _ = run.Exception;
        _runs.TryRemove(run, out _);
    }
}
