using EmailIngestion.Messages;
using EmailIngestion.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams;

/// <summary>Looks at the streams every few seconds, for the gauges.</summary>
internal sealed class StreamMonitor(StreamPartitions partitions, StreamMetrics metrics, TimeProvider time, ILogger<StreamMonitor> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Partitions whose last look failed: an outage is one line and its end another, whichever fail.
    private readonly Dictionary<string, FailureChange> _failing =
        partitions.Served.ToDictionary(partition => partition.Name, _ => new FailureChange(), StringComparer.Ordinal);
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);
    private bool _untold;

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
            // The gauges stay although what has vanished cannot be told.
            if (await ReadSnapshotAsync(partition, cancellationToken) is { } snapshot && snapshot.Vanished > snapshot.VanishedReported)
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
            _failing[partition.Name].Clear();
            return snapshot;
        }
        catch (GroupMissingException)
        {
            // No stream or group yet: whoever polls or consumes first makes them.
            metrics.Forget(partition.Name);
        }
        catch (Exception e)
        {
            // Gauges are worth no outage, whatever it is.
            metrics.Forget(partition.Name);
            if (RedisErrors.IsReplaced(e) || cancellationToken.IsCancellationRequested)
                return null;
            // One outage is one line, though it is of all partitions; only its end is told.
            var isNews = _failing[partition.Name].Note(e);
            if (RedisOutage.Is(e) ? _away.Add(partition.Name) && _away.Count == 1 : isNews)
                RedisErrorLog.Report(logger, e);
        }

        return null;
    }

    // Once, by whichever process is the first.
    private async Task ReportVanishedAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var (count, entries) = await partition.Stream.TakeVanishedAsync(cancellationToken);
            if (count > 0)
                Log.EntriesVanished(logger, partition.Keys.Stream!, count, BoundedText.Line(entries, 2_000));
            _untold = false;
        }
        catch (Exception e)
        {
            // The metric tells it too.
            if (!RedisErrors.IsReplaced(e) && !cancellationToken.IsCancellationRequested && !_untold)
                RedisErrorLog.Report(logger, e);
            _untold = true;
        }
    }
}
