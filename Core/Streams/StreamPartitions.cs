using System.Collections.Concurrent;
using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>The partitions by name. The unnamed one has the name "".</summary>
public sealed class StreamPartitions
{
    private readonly ConcurrentDictionary<string, StreamPartition> _partitions = new(StringComparer.Ordinal);
    private readonly RedisConnection _connection;
    private readonly IOptions<StreamOptions> _options;
    private readonly TimeProvider _time;
    private readonly IOptions<BodiesOptions>? _bodies;
    private readonly BodyMetrics? _metrics;
    private readonly ILogger? _logger;

    internal StreamPartitions(
        RedisConnection connection,
        IOptions<StreamOptions> options,
        TimeProvider time,
        IOptions<BodiesOptions>? bodies = null,
        BodyMetrics? metrics = null,
        ILogger? logger = null)
    {
        _connection = connection;
        _options = options;
        _time = time;
        _bodies = bodies;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>The partitions that this process serves, as <c>Streams:Partitions</c> lists them.</summary>
    public IReadOnlyList<StreamPartition> Served => [.. _options.Value.ServedPartitions.Select(Get)];

    internal StreamPartition Get(string name) =>
        _partitions.GetOrAdd(name, key => new StreamPartition(key, _connection, _options, _time, _bodies?.Value, _metrics, _logger));
}
