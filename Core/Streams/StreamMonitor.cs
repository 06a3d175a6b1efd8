using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams;

/// <summary>Reads a snapshot of each stream every few seconds, for the gauges and the history.</summary>
internal sealed class StreamMonitor(
    StreamPartitions partitions, StreamMetrics metrics, Activities activities, TimeProvider time, ILogger<StreamMonitor> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // An outage of all partitions is one log line, and its end another.
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);
    private readonly FailureChanges _snapshots = new();
    private readonly FailureChanges _histories = new();
    private readonly FailureChanges _reports = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await PassAsync(stoppingToken);
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in partitions.Served)
        {
            if (await ReadSnapshotAsync(partition, cancellationToken) is not { } snapshot)
                continue;
            // The gauges stay even if the history or the vanished entries cannot be written.
            await AddToHistoryAsync(partition, snapshot.Depth, cancellationToken);
            if (snapshot.Vanished > snapshot.VanishedReported)
                await ReportVanishedAsync(partition, cancellationToken);
        }
    }

    private async Task<StreamSnapshot?> ReadSnapshotAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
            metrics.Observe(snapshot);
            if (_away.Remove(partition.Name) && _away.Count == 0)
                Redis.Log.RedisBack(logger);
            _snapshots.Clear(partition.Name);
            return snapshot;
        }
        catch (GroupMissingException)
        {
            // There is no stream or group yet. The first process that polls or consumes creates them.
            metrics.Forget(partition.Name);
        }
        catch (Exception e)
        {
            // Every error is caught: a fault of the gauges must not stop the process.
            metrics.Forget(partition.Name);
            if (RedisErrors.IsReplaced(e) || cancellationToken.IsCancellationRequested)
                return null;
            // One outage is one log line, even if it hits all partitions.
            var isChange = _snapshots.Note(partition.Name, e);
            if (RedisErrors.IsPassing(e) ? _away.Add(partition.Name) && _away.Count == 1 : isChange)
                RedisErrorLog.Report(logger, e);
        }

        return null;
    }

    private async Task AddToHistoryAsync(StreamPartition partition, long depth, CancellationToken cancellationToken)
    {
        try
        {
            await partition.History.AddAsync(activities.Of(partition.Name), depth, cancellationToken);
            _histories.Clear(partition.Name);
        }
        catch (Exception e)
        {
            // The counts are added later.
            Report(_histories, partition, e, cancellationToken);
        }
    }

    // Once: the first process that asks reports them.
    private async Task ReportVanishedAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var (count, entries) = await partition.Stream.TakeVanishedAsync(cancellationToken);
            if (count > 0)
                Log.EntriesVanished(logger, partition.Keys.Stream!, count, BoundedText.Line(entries, 2_000));
            _reports.Clear(partition.Name);
        }
        catch (Exception e)
        {
            // The metric reports them too.
            Report(_reports, partition, e, cancellationToken);
        }
    }

    // An outage is reported by the next snapshot.
    private void Report(FailureChanges failing, StreamPartition partition, Exception error, CancellationToken cancellationToken)
    {
        if (!RedisErrors.IsPassing(error) && !cancellationToken.IsCancellationRequested && failing.Note(partition.Name, error))
            RedisErrorLog.Report(logger, error);
    }
}
