using System.Security.Cryptography;
using EmailIngestion.DevServers;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Load;

/// <summary>The Redis of a run: its own, or an existing one, in which the run uses a unique partition and deletes it at the end.</summary>
internal sealed class LoadRedis : IAsyncDisposable
{
    private readonly RedisProcess? _process;

    private LoadRedis(RedisProcess? process, string connectionString, string? password)
    {
        _process = process;
        ConnectionString = connectionString;
        var options = new StreamOptions { ConnectionString = connectionString, Password = password };
        options.Partitions.Add(PartitionName);
        Connection = StreamConnection.Create(Options.Create(options));
        Partition = new StreamPartition(PartitionName, Connection, Options.Create(options), TimeProvider.System);
        Guard = new StreamGuard(Connection, Options.Create(options));
    }

    /// <summary>A part of every key's name. It finds the keys that a killed run leaves.</summary>
    public string PartitionName { get; } = $"load-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    public string ConnectionString { get; }

    public bool IsOurs => _process is not null;

    public RedisConnection Connection { get; }

    public StreamPartition Partition { get; }

    private StreamGuard Guard { get; }

    /// <exception cref="LoadException">The existing server does not answer.</exception>
    public static async Task<LoadRedis> OpenAsync(string? existing, CancellationToken cancellationToken)
    {
        var process =
            existing is null ? await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, cancellationToken) : null;
        LoadRedis? redis = null;
        try
        {
            redis = new LoadRedis(
                process, process?.ConnectionString ?? existing!,
                process is null ? Environment.GetEnvironmentVariable("REDIS_PASSWORD") : null);
            await redis.Guard.CheckServersAsync(cancellationToken);
            await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, cancellationToken);
            return redis;
        }
        catch (Exception e)
        {
            if (redis is not null)
                await redis.Connection.DisposeAsync();
            if (process is not null)
                await process.DisposeAsync();
            throw e switch
            {
                _ when existing is null => e,
                _ when RedisErrors.IsRedis(e) =>
                    new LoadException($"--redis {existing}: no usable Redis answers there: {BriefError.Of(e)}", isUsage: true),
                // Messages of .NET have several lines.
                ArgumentException or StreamRefusedException =>
                    new LoadException($"--redis {existing}: {e.Message.ReplaceLineEndings(" ")}", isUsage: true),
                _ => e,
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            await RemoveKeysAsync();
        await Connection.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private async Task RemoveKeysAsync()
    {
        var multiplexer = await Connection.GetAsync(CancellationToken.None);
        var database = multiplexer.GetDatabase();
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            // Uses SCAN. Only keys of this partition end like this.
            await foreach (var key in server.KeysAsync(pattern: $"*:{{{PartitionName}}}", pageSize: 1_000))
                await database.KeyDeleteAsync(key);
        }
    }
}
