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

    private static readonly TimeSpan MemoryAge = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (long At, double Ratio)> _memory = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _levels = new(StringComparer.Ordinal);

    public async Task<bool> IsHighAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        var high = await IsFullAsync(stream, cancellationToken) || await MemoryRatioAsync(stream, cancellationToken) >= options.Value.MaxMemoryRatio;
        metrics.BackPressure(stream.Keys.Partition, high);
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
        var partition = stream.Keys.Partition;
        if (_memory.TryGetValue(partition, out var known) && time.GetElapsedTime(known.At) < MemoryAge)
            return known.Ratio;
        var ratio = (await RedisMemory.ReadAsync(await connection.DatabaseAsync(cancellationToken), stream.Keys.Stream)).Ratio;
        _memory[partition] = (time.GetTimestamp(), ratio);
        Report(partition, ratio);
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
