using System.Collections.Concurrent;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>Whether polling has to wait: the stream is at its high-water mark, or Redis at its share of memory. Trims before it says so.</summary>
internal sealed class StreamPressure(
    RedisConnection connection, IOptions<StreamOptions> options, IngestionMetrics metrics, TimeProvider time, ILogger<StreamPressure> logger)
{
    private const double Warn = 0.5;
    private const double Alarm = 0.9;

    private readonly ConcurrentDictionary<string, long> _lowAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _levels = new(StringComparer.Ordinal);

    /// <param name="stream">The stream.</param>
    /// <param name="age">How old an answer may be that it does not have to wait.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public async Task<bool> IsHighAsync(EmailStream stream, TimeSpan age, CancellationToken cancellationToken)
    {
        var partition = stream.Keys.Partition;
        if (_lowAt.TryGetValue(partition, out var at) && time.GetElapsedTime(at) < age)
            return false;
        var high = await IsFullAsync(stream, cancellationToken) || await MemoryRatioAsync(stream, cancellationToken) >= options.Value.MaxMemoryRatio;
        if (high)
            _lowAt.TryRemove(partition, out _);
        else
            _lowAt[partition] = time.GetTimestamp();
        metrics.BackPressure(partition, high);
        return high;
    }

    private async Task<bool> IsFullAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        var mark = options.Value.MaxStreamLength;
        if (mark == 0 || await stream.LengthAsync(cancellationToken) < mark)
            return false;
        await stream.TrimAsync(cancellationToken);
        return await stream.LengthAsync(cancellationToken) >= mark;
    }

    private async Task<double> MemoryRatioAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        var ratio = (await RedisMemory.ReadAsync(await connection.DatabaseAsync(cancellationToken), stream.Keys.Stream)).Ratio;
        Report(stream.Keys.Partition, ratio);
        return ratio;
    }

    // Once per change of level, not once per look.
    private void Report(string partition, double ratio)
    {
        var level = ratio >= Alarm ? "alarm" : ratio >= options.Value.MaxMemoryRatio ? "polling stops" : ratio >= Warn ? "warning" : "";
        if (_levels.TryGetValue(partition, out var last) ? last == level : level.Length == 0)
            return;
        _levels[partition] = level;
        if (level.Length > 0)
            Log.MemoryHigh(logger, (int)(ratio * 100), level);
    }
}
