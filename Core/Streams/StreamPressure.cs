using System.Collections.Concurrent;
using EmailIngestion.Redis;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>
/// Decides whether polling must wait (backpressure), because outstanding work is at the stream limit or Redis is at its memory limit. It
/// clears settled entries first, and logs changes only.
/// </summary>
internal sealed class StreamPressure(
    RedisConnection connection, IOptions<StreamOptions> options, IngestionMetrics metrics, TimeProvider time,
    ILogger<StreamPressure> logger)
{
    private const double Warn = 0.5;
    private const double Alarm = 0.9;

    // Polling continues below the limit. That is logged only once there is some room, or a stream near its limit would fill the log.
    private const double LoggedBelow = 0.9;

    private readonly ConcurrentDictionary<string, long> _lowAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _levels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _stoppedAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Why appends to the stream had to wait when it was last asked, as a sentence.</summary>
    public string ReasonOf(EmailStream stream) => _reasons.GetValueOrDefault(stream.Keys.Partition, "Redis is full (maxmemory).");

    /// <summary>Tells whether polling into the stream must wait.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="age">The greatest age of an earlier "need not wait" that still counts.</param>
    /// <param name="cancellationToken">Ends the questions to Redis.</param>
    public async Task<bool> IsHighAsync(EmailStream stream, TimeSpan age, CancellationToken cancellationToken)
    {
        var partition = stream.Keys.Partition;
        if (_lowAt.TryGetValue(partition, out var at) && time.GetElapsedTime(at) < age)
            return false;
        var (loading, measuring) = (stream.Settled.LoadAsync(cancellationToken), MemoryRatioAsync(stream, cancellationToken));
        await Task.WhenAll(loading, measuring);
        var (load, memory) = (await loading, await measuring);
        if (IsFull(load) || IsMemoryHigh(memory))
        {
            // Settled entries use memory, and count as outstanding while the lag is unknown.
            load = await stream.Settled.ClearAsync(0, cancellationToken);
            memory = await MemoryRatioAsync(stream, cancellationToken);
        }

        var high = IsFull(load) || IsMemoryHigh(memory);
        if (high)
        {
            _lowAt.TryRemove(partition, out _);
            _reasons[partition] = IsFull(load)
                ? "The stream is at its limit (Streams:MaxStreamLength)."
                : "Redis is at its memory limit (Streams:MaxMemoryRatio).";
        }
        else
            _lowAt[partition] = time.GetTimestamp();
        metrics.BackPressure(partition, high);
        Report(partition, memory);
        await ReportAsync(stream, high, load, memory, cancellationToken);
        return high;
    }

    private bool IsFull(StreamLoad load) => options.Value.MaxStreamLength is > 0 and var limit && load.Outstanding >= limit;

    private bool HasRoom(StreamLoad load) =>
        options.Value.MaxStreamLength == 0 || load.Outstanding <= options.Value.MaxStreamLength * LoggedBelow;

    private bool IsMemoryHigh(double ratio) => ratio >= options.Value.MaxMemoryRatio;

    private async Task<double> MemoryRatioAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (await RedisMemory.ReadAsync(database, stream.Keys.Stream, options.Value.MaxMemoryBytes)).Ratio;
    }

    // Once per change of level, not once per check.
    private void Report(string partition, double ratio)
    {
        var level = ratio >= Alarm ? "alarm" : ratio >= options.Value.MaxMemoryRatio ? "polling stops" : ratio >= Warn ? "warning" : "";
        if (_levels.TryGetValue(partition, out var last) ? last == level : level.Length == 0)
            return;
        _levels[partition] = level;
        if (level.Length > 0)
            Log.MemoryHigh(logger, (int)(ratio * 100), level);
    }

    // One line when polling stops and one when it continues, for all mailboxes of the partition.
    private async Task ReportAsync(EmailStream stream, bool high, StreamLoad load, double memory, CancellationToken cancellationToken)
    {
        var partition = stream.Keys.Partition;
        if (high)
        {
            if (!_stoppedAt.TryAdd(partition, time.GetTimestamp()))
                return;
            var waits = await PendingReport.DescribeAsync(await connection.DatabaseAsync(cancellationToken), stream.Keys, load);
            if (IsFull(load))
                Log.PollingStopsAtLimit(logger, stream.Keys.Stream!, load.Lag, load.Pending, options.Value.MaxStreamLength, waits);
            else
                Log.PollingStopsForMemory(logger, stream.Keys.Stream!, (int)(memory * 100), load.Lag, load.Pending, waits);
        }
        else if (HasRoom(load) && _stoppedAt.TryRemove(partition, out var since))
        {
            Log.PollingContinues(logger, stream.Keys.Stream!, time.GetElapsedTime(since), load.Lag, load.Pending);
        }
    }
}
