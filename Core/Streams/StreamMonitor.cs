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

    private bool _away;

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
            try
            {
                var snapshot = await partition.Inspector.LookAsync(details: false, cancellationToken);
                metrics.Observe(snapshot);
                if (snapshot.Vanished > snapshot.VanishedTold)
                    await TellVanishedAsync(partition, cancellationToken);
                if (_away)
                    Redis.Log.RedisBack(logger);
                _away = false;
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
                if (RedisErrors.IsReplaced(e))
                    continue;
                if (!_away && !cancellationToken.IsCancellationRequested)
                    RedisTrouble.Report(logger, e);
                _away = true;
            }
        }
    }

    // Once, by whichever process is the first.
    private async Task TellVanishedAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        var (count, entries) = await partition.Stream.TakeVanishedAsync(cancellationToken);
        if (count > 0)
            Log.EntriesVanished(logger, partition.Keys.Stream!, count, BoundedText.Line(entries, 2_000));
    }
}
