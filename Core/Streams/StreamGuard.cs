using System.Collections.Concurrent;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Checks, before a partition is used, that this Redis can keep the guarantees, and creates the consumer group.</summary>
internal sealed class StreamGuard(RedisConnection connection, IOptions<StreamOptions> options, ILogger<StreamGuard>? logger = null)
{
    private const int MinMajor = 7;

    private readonly ILogger _logger = logger ?? NullLogger<StreamGuard>.Instance;

    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    /// <summary>Checks the servers of all partitions of this process.</summary>
    /// <exception cref="StreamRefusedException">No retry will help. The message says what to change.</exception>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task CheckServersAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in options.Value.ServedPartitions)
            await CheckServerAsync(new StreamKeys(partition), cancellationToken);
    }

    /// <summary>
    /// Checks the server of a partition: version, eviction, memory and persistence. On a Cluster other shards may be away meanwhile.
    /// </summary>
    /// <exception cref="StreamRefusedException">No retry will help. The message says what to change.</exception>
    /// <exception cref="RedisException">The server is away.</exception>
    public async Task CheckServerAsync(StreamKeys keys, CancellationToken cancellationToken)
    {
        var multiplexer = await connection.GetAsync(cancellationToken);
        await multiplexer.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        var isCluster = multiplexer.GetServers().Any(server => server.IsConnected && server.ServerType == ServerType.Cluster);
        if (isCluster && options.Value.Partitions.Count == 0)
        {
            throw new StreamRefusedException(
                "Redis is a Cluster and Streams:Partitions is empty: on a Cluster every partition needs a name.");
        }

        var server = multiplexer.PrimaryOf(keys.Stream);
        var memory = await RedisMemory.ReadAsync(server, options.Value.MaxMemoryBytes);
        // INFO also reports the version.
        if (memory.IsReported && server.Version.Major < MinMajor)
        {
            throw new StreamRefusedException(
                $"Redis {server.Version} is too old: version {MinMajor}.0 is the oldest "
                + "that can settle by script while its memory is full.");
        }

        if (memory.Policy is { Length: > 0 } policy && policy != "noeviction" && !options.Value.AllowEviction)
        {
            throw new StreamRefusedException(
                $"Redis has maxmemory-policy '{policy}': it would evict queued emails when its memory is full. "
                + "Set noeviction in Redis, or Streams:AllowEviction here.");
        }

        await WarnAsync(server, memory);
    }

    /// <summary>Checks that Redis allows this process its commands, and that the partition's keys have the right types.</summary>
    /// <exception cref="StreamRefusedException">A check failed. The message names the command and the key.</exception>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task CheckRightsAsync(StreamKeys keys, StreamUse use, CancellationToken cancellationToken)
    {
        if (await FindFaultAsync(keys, use, cancellationToken) is { } fault)
            throw new StreamRefusedException(fault);
    }

    /// <summary>Finds a command that Redis does not allow or a key of a wrong type, as a sentence. Null when there is none.</summary>
    public async Task<string?> FindFaultAsync(StreamKeys keys, StreamUse use, CancellationToken cancellationToken) =>
        await new StreamRights(keys, TimeProvider.System).FindFaultAsync(await connection.DatabaseAsync(cancellationToken), use);

    /// <summary>Creates the stream and the group when they are missing, also while Redis is full.</summary>
    public async Task EnsureGroupAsync(StreamKeys keys, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Group, [keys.Stream], [StreamKeys.Group]);
    }

    // Each warning once: the poller and the consumer of one process both check, and each for several partitions.
    private async Task WarnAsync(IServer server, RedisMemory memory)
    {
        if (memory.Warning is { } unknown && _warned.TryAdd(unknown, true))
            Log.MemoryUnknown(_logger, unknown);

        // INFO has this line only when min-replicas-to-write is set.
        if (memory.IsReported
            && connection.HasSentinels
            && (await server.InfoRawAsync("replication"))?.Contains("min_slaves_good_slaves", StringComparison.Ordinal) == false
            && _warned.TryAdd(nameof(Log.WritesWithoutReplica), true))
        {
            Log.WritesWithoutReplica(_logger);
        }

        if ((await RedisPersistence.ReadAsync(server)).Warning is { } warning && _warned.TryAdd(warning, true))
            Log.PersistenceWeak(_logger, warning);
    }
}
