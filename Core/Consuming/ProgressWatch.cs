using EmailIngestion.Health;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// Checks whether a consumer that has work makes progress. It reports no work while Redis does not answer, and while the circuit is not
/// closed: a restart would repair neither. What waits for a paused consumer is no work of it; what it has in hand is.
/// </summary>
internal sealed class ProgressWatch(
    PartitionConsumer consumer,
    StreamInspector inspector,
    Circuits circuits,
    Heartbeats heartbeats,
    string loop,
    TimeSpan limit,
    TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private int _written;
    private long _checkedAt = time.GetTimestamp();

    /// <summary>Whether the last pass of the read loop failed.</summary>
    public bool ReadFails { get; set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested)
                await PassAsync(stop);
        }
    }

    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        var work = await HasWorkAsync(cancellationToken);
        var written = consumer.Written;
        // After a pause of the whole process, the time without success starts again.
        if (written != _written || time.GetElapsedTime(_checkedAt) > Interval * 4)
            heartbeats.Waits(loop, false, limit);
        _written = written;
        _checkedAt = time.GetTimestamp();
        heartbeats.Waits(loop, work, limit);
    }

    private async Task<bool> HasWorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await inspector.ReadSnapshotAsync(details: false, cancellationToken).WaitAsync(Timeout, time, cancellationToken);
            return !circuits.NoneIsClosed
                && (consumer.InHand > 0 || (!consumer.IsPaused && (snapshot.Lag > 0 || (ReadFails && snapshot.Pending > 0))));
        }
        catch (Exception)
        {
            // Redis does not answer, or refuses: a restart repairs neither. Every exception is caught, since a stop waits for this loop.
            return false;
        }
    }
}
