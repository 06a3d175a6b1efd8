using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>Opens the connection to Redis that section <c>Streams</c> describes.</summary>
internal static class StreamConnection
{
    /// <summary>Creates a connection that checks the servers of this process's partitions.</summary>
    public static RedisConnection Create(
        IOptions<StreamOptions> options, TimeProvider? time = null, ILogger<RedisConnection>? logger = null) =>
        new(options.Value.Redis, [.. options.Value.ServedPartitions.Select(partition => new StreamKeys(partition).Stream)], time, logger);
}
