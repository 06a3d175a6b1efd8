using EmailIngestion.Servers;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>The Redis servers of one run, and the faults that they can have.</summary>
internal abstract class RedisServers : IAsyncDisposable
{
    private static readonly string[] OneUnnamed = [""];

    public abstract string ConnectionString { get; }

    /// <summary>The partitions of the run: one unnamed, and named ones on a Cluster.</summary>
    public virtual IReadOnlyList<string> Partitions => OneUnnamed;

    /// <summary>The faults, by name. Each action completes when the fault is over.</summary>
    public abstract IReadOnlyList<(string Kind, Func<Random, CancellationToken, Task> Run)> Faults { get; }

    public abstract IReadOnlyList<RedisNode> Nodes { get; }

    /// <summary>
    /// Loses all data of a primary. The standalone server is killed and restarted without its files; the others are flushed.
    /// </summary>
    /// <returns>What was lost, as <see cref="LostData"/> lists it.</returns>
    public abstract Task<IReadOnlyList<string>> EmptyAsync(Random random, CancellationToken cancellationToken);

    public static async Task<RedisServers> StartAsync(string kind, int minReplicas, CancellationToken cancellationToken) => kind switch
    {
        "sentinel" => new Sentinels(await SentinelProcesses.StartAsync(
            ["--min-replicas-to-write", $"{minReplicas}", "--min-replicas-max-lag", "2"], TimeProvider.System, cancellationToken)),
        "cluster" => new Cluster(await ClusterProcesses.StartAsync([], TimeProvider.System, cancellationToken)),
        _ => new Standalone(await RedisNode.StartAsync([], TimeProvider.System, cancellationToken)),
    };

    /// <summary>Restores the servers: all run and have free memory.</summary>
    public async Task HealAsync(CancellationToken cancellationToken)
    {
        foreach (var node in Nodes)
        {
            node.Resume();
            await node.RestartAsync(cancellationToken);
            await node.AskAsync(cancellationToken, "CONFIG", "SET", "maxmemory", "0");
        }
    }

    /// <summary>The used memory of the largest node; 0 when none answers.</summary>
    public async Task<long> UsedBytesAsync()
    {
        var most = 0L;
        foreach (var node in Nodes.Where(node => node.IsRunning))
        {
            var info = await node.AskAsync(default, "INFO", "memory");
            var line = info.Split('\n').FirstOrDefault(line => line.StartsWith("used_memory:", StringComparison.Ordinal));
            if (line is not null)
                most = Math.Max(
                    most, long.Parse(line.AsSpan("used_memory:".Length).Trim(), System.Globalization.CultureInfo.InvariantCulture));
        }

        return most;
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Returns a primary that answers.</summary>
    protected abstract Task<RedisNode> PrimaryAsync(Random random, CancellationToken cancellationToken);

    protected static Task DelayAsync(double seconds, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);

    protected async Task FlushScriptsAsync(Random random, CancellationToken cancellationToken)
    {
        foreach (var node in Nodes)
            await node.AskAsync(cancellationToken, "SCRIPT", "FLUSH");
    }

    protected async Task FillAsync(Random random, CancellationToken cancellationToken)
    {
        var primary = await PrimaryAsync(random, cancellationToken);
        // The limit is below the used memory, so Redis accepts only commands that free memory.
        await primary.AskAsync(cancellationToken, "CONFIG", "SET", "maxmemory", "1mb");
        await DelayAsync(2 + (random.NextDouble() * 3), cancellationToken);
        await primary.AskAsync(cancellationToken, "CONFIG", "SET", "maxmemory", "0");
    }

    protected async Task PauseAsync(Random random, CancellationToken cancellationToken)
    {
        var primary = await PrimaryAsync(random, cancellationToken);
        primary.Pause();
        try
        {
            await DelayAsync(0.5 + (random.NextDouble() * 6), cancellationToken);
        }
        finally
        {
            primary.Resume();
        }
    }

    protected async Task CrashAsync(Random random, CancellationToken cancellationToken)
    {
        var primary = await PrimaryAsync(random, cancellationToken);
        await primary.KillAsync();
        await DelayAsync(random.NextDouble() * 4, cancellationToken);
        await primary.RestartAsync(cancellationToken);
    }

    private sealed class Standalone(RedisNode node) : RedisServers
    {
        public override async Task<IReadOnlyList<string>> EmptyAsync(Random random, CancellationToken cancellationToken)
        {
            // No write comes between the listing and the loss.
            await node.AskAsync(cancellationToken, "CLIENT", "PAUSE", "10000", "WRITE");
            var lost = await LostData.ReadSnapshotAsync(node, Partitions, cancellationToken);
            await node.KillAndEmptyAsync();
            await DelayAsync(random.NextDouble() * 4, cancellationToken);
            await node.RestartAsync(cancellationToken);
            return lost;
        }

        public override string ConnectionString => node.Address;

        public override IReadOnlyList<(string Kind, Func<Random, CancellationToken, Task> Run)> Faults =>
            [
                (FaultKind.RedisCrash, CrashAsync), (FaultKind.RedisPause, PauseAsync), (FaultKind.Full, FillAsync),
                (FaultKind.Scripts, FlushScriptsAsync), (FaultKind.GroupDeleted, DeleteGroupAsync),
            ];

        public override IReadOnlyList<RedisNode> Nodes => [node];

        public override ValueTask DisposeAsync() => node.DisposeAsync();

        protected override Task<RedisNode> PrimaryAsync(Random random, CancellationToken cancellationToken) => Task.FromResult(node);

        private async Task DeleteGroupAsync(Random random, CancellationToken cancellationToken) =>
            await node.AskAsync(cancellationToken, "XGROUP", "DESTROY", new StreamKeys("").Stream!, StreamKeys.Group!);
    }

    private sealed class Sentinels(SentinelProcesses servers) : RedisServers
    {
        public override async Task<IReadOnlyList<string>> EmptyAsync(Random random, CancellationToken cancellationToken) =>
            await LostData.FlushAsync(await servers.PrimaryAsync(cancellationToken), Partitions, cancellationToken);

        public override string ConnectionString => servers.ConnectionString;

        public override IReadOnlyList<(string Kind, Func<Random, CancellationToken, Task> Run)> Faults =>
            [
                (FaultKind.Failover, FailOverAsync), (FaultKind.RedisPause, PauseAsync), (FaultKind.Full, FillAsync),
                (FaultKind.Scripts, FlushScriptsAsync),
            ];

        public override IReadOnlyList<RedisNode> Nodes => servers.Nodes;

        public override ValueTask DisposeAsync() => servers.DisposeAsync();

        protected override Task<RedisNode> PrimaryAsync(Random random, CancellationToken cancellationToken) =>
            servers.PrimaryAsync(cancellationToken);

        private async Task FailOverAsync(Random random, CancellationToken cancellationToken)
        {
            var former = await servers.PrimaryAsync(cancellationToken);
            await former.KillAsync();
            await servers.FailedOverAsync(former, cancellationToken);
            if (random.Next(3) == 0)
            {
                // Also flushes the scripts of the new primary, before its replica follows it.
                var second = await servers.PrimaryAsync(cancellationToken);
                await second.KillAsync();
                await servers.FailedOverAsync(second, cancellationToken);
                await second.RestartAsync(cancellationToken);
            }

            await DelayAsync(random.NextDouble() * 3, cancellationToken);
            await former.RestartAsync(cancellationToken);
            await servers.InSyncAsync(cancellationToken);
        }
    }

    private sealed class Cluster(ClusterProcesses servers) : RedisServers
    {
        // Only the partitions of one shard.
        public override async Task<IReadOnlyList<string>> EmptyAsync(Random random, CancellationToken cancellationToken)
        {
            var primary = await PrimaryAsync(random, cancellationToken);
            var partitions = new List<string>();
            foreach (var partition in Partitions)
            {
                if (await servers.PrimaryOfAsync($"{{{partition}}}", cancellationToken) == primary)
                    partitions.Add(partition);
            }

            return await LostData.FlushAsync(primary, partitions, cancellationToken);
        }

        public override string ConnectionString => servers.ConnectionString;

        public override IReadOnlyList<string> Partitions { get; } = ["north", "east", "south"];

        public override IReadOnlyList<(string Kind, Func<Random, CancellationToken, Task> Run)> Faults =>
            [
                (FaultKind.Failover, FailOverAsync), (FaultKind.Migration, MigrateAsync), (FaultKind.RedisPause, PauseAsync),
                (FaultKind.Scripts, FlushScriptsAsync),
            ];

        public override IReadOnlyList<RedisNode> Nodes => servers.Nodes;

        public override ValueTask DisposeAsync() => servers.DisposeAsync();

        protected override Task<RedisNode> PrimaryAsync(Random random, CancellationToken cancellationToken) =>
            servers.PrimaryOfAsync(KeyOf(random), cancellationToken);

        private string KeyOf(Random random) => $"{{{Partitions[random.Next(Partitions.Count)]}}}";

        private async Task FailOverAsync(Random random, CancellationToken cancellationToken)
        {
            var key = KeyOf(random);
            var former = await servers.KillPrimaryOfAsync(key, cancellationToken);
            await servers.FailedOverAsync(key, former, cancellationToken);
            await DelayAsync(random.NextDouble() * 3, cancellationToken);
            await former.RestartAsync(cancellationToken);
        }

        private async Task MigrateAsync(Random random, CancellationToken cancellationToken) =>
            await servers.MigrateSlotOfAsync(
                KeyOf(random), () => DelayAsync(random.NextDouble() * 0.2, cancellationToken), cancellationToken);
    }
}
