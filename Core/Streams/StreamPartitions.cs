using System.Collections.Concurrent;
using EmailIngestion.Redis;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>The partitions by name; "" is the unnamed one.</summary>
internal sealed class StreamPartitions(RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, StreamPartition> _partitions = new(StringComparer.Ordinal);

    /// <summary>Those that this process serves.</summary>
    public IReadOnlyList<StreamPartition> Served => [.. options.Value.ServedPartitions.Select(Get)];

    public StreamPartition Get(string name) => _partitions.GetOrAdd(name, key => new StreamPartition(key, connection, options, time));
}
