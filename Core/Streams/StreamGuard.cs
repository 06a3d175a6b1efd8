using System.Collections.Concurrent;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Makes sure, before a partition is used, that this Redis can keep the promise and that the consumer group exists.</summary>
internal sealed class StreamGuard(RedisConnection connection, IOptions<StreamOptions> options, ILogger<StreamGuard>? logger = null)
{
    private const int OldestMajor = 7;

    private readonly ILogger _logger = logger ?? NullLogger<StreamGuard>.Instance;

    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    /// <exception cref="StreamRefusedException">No retry will help; the message says what to change.</exception>
    /// <exception cref="RedisException">Redis is not there now.</exception>
    public async Task CheckServerAsync(CancellationToken cancellationToken)
    {
        var multiplexer = await connection.GetAsync(cancellationToken);
        await multiplexer.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        if (multiplexer.GetServers().Any(server => server.IsConnected && server.ServerType == ServerType.Cluster) && options.Value.Partitions.Count == 0)
            throw new StreamRefusedException("Redis is a Cluster and Streams:Partitions is empty: on a Cluster every partition needs a name.");

        // Of a Cluster those that hold a partition of ours; the others may be as they like.
        var servers = options.Value.ServedPartitions
            .Select(partition => multiplexer.PrimaryOf(new StreamKeys(partition).Stream))
            .DistinctBy(server => server.EndPoint);
        foreach (var server in servers)
        {
            var memory = await RedisMemory.ReadAsync(server, options.Value.MaxMemoryBytes);
            // Poller and consumer of one process both ask.
            if (memory.Warning is { } untold && _warned.TryAdd(untold, true))
                Log.MemoryUnknown(_logger, untold);
            // The version comes by INFO too.
            if (memory.IsReported && server.Version.Major < OldestMajor)
                throw new StreamRefusedException($"Redis {server.Version} is too old: {OldestMajor}.0 is the oldest whose scripts can settle when memory is full.");
            if (memory.Policy is { Length: > 0 } policy && policy != "noeviction" && !options.Value.AllowEviction)
                throw new StreamRefusedException(
                    $"Redis has maxmemory-policy '{policy}': it would evict queued mail when memory is full. Set noeviction there, or Streams:AllowEviction here.");
            // Told only where it is set.
            if (memory.IsReported && connection.HasSentinels && (await server.InfoRawAsync("replication"))?.Contains("min_slaves_good_slaves", StringComparison.Ordinal) == false)
                Log.WritesAlone(_logger);
            if ((await RedisPersistence.ReadAsync(server)).Warning is { } warning && _warned.TryAdd(warning, true))
                Log.KeepsLittle(_logger, warning);
        }
    }

    /// <summary>Makes sure that Redis lets this process do its part, and that the partition's keys hold what they must.</summary>
    /// <exception cref="StreamRefusedException">It does not; the message names command and key.</exception>
    /// <exception cref="RedisException">Redis is not there now.</exception>
    public async Task CheckRightsAsync(StreamKeys keys, StreamUse use, CancellationToken cancellationToken)
    {
        if (await FindFaultAsync(keys, use, cancellationToken) is { } fault)
            throw new StreamRefusedException(fault);
    }

    /// <summary>What Redis does not let this process do, as a sentence; null when there is nothing.</summary>
    public async Task<string?> FindFaultAsync(StreamKeys keys, StreamUse use, CancellationToken cancellationToken) =>
        await new StreamRights(keys, TimeProvider.System).FindFaultAsync(await connection.DatabaseAsync(cancellationToken), use);

    /// <summary>Creates stream and group when they are missing, also while Redis is full.</summary>
    public async Task EnsureGroupAsync(StreamKeys keys, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Group, [keys.Stream], [StreamKeys.Group]);
    }
}
