using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>A Redis Cluster of three primaries with one replica each.</summary>
internal sealed class ClusterProcesses : IAsyncDisposable
{
    private const int Primaries = 3;
    private const int Count = 2 * Primaries;

    private readonly TimeProvider time;
    private readonly List<RedisNode> nodes = [];

    private ClusterProcesses(TimeProvider time) => this.time = time;

    /// <summary>All nodes, in any role.</summary>
    public IReadOnlyList<RedisNode> Nodes => nodes;

    public string ConnectionString => string.Join(',', nodes.Select(node => node.Address));

    /// <param name="redis">More arguments of each redis-server.</param>
    /// <param name="time">The clock; must be a real one.</param>
    /// <param name="ct">Cancels the wait and ends the servers.</param>
    public static async Task<ClusterProcesses> StartAsync(IReadOnlyList<string> redis, TimeProvider time, CancellationToken ct)
    {
        var result = new ClusterProcesses(time);
        try
        {
            await result.StartAsync(redis, ct);
            return result;
        }
        catch
        {
            await result.DisposeAsync();
            throw;
        }
    }

    /// <summary>The slot of a key.</summary>
    public async Task<int> SlotAsync(string key, CancellationToken ct) =>
        int.Parse(await Running.AskAsync(ct, "CLUSTER", "KEYSLOT", key), CultureInfo.InvariantCulture);

    /// <summary>The primary that has the key's slot.</summary>
    public async Task<RedisNode> PrimaryOfAsync(string key, CancellationToken ct)
    {
        var slot = await SlotAsync(key, ct);
        return NodeOf((await MapAsync(Running, ct)).Single(entry => entry.IsPrimary && !entry.IsFailed && entry.Has(slot)));
    }

    /// <summary>Every primary that answers.</summary>
    public async Task<IReadOnlyList<RedisNode>> PrimariesAsync(CancellationToken ct) =>
        [.. (await MapAsync(Running, ct)).Where(entry => entry.IsPrimary && !entry.IsFailed && entry.HasSlots).Select(NodeOf)];

    /// <summary>Sends SIGKILL to the primary of the key's slot. Returns that node.</summary>
    public async Task<RedisNode> KillPrimaryOfAsync(string key, CancellationToken ct)
    {
        var primary = await PrimaryOfAsync(key, ct);
        await primary.KillAsync();
        return primary;
    }

    /// <summary>Waits until another node than the former one has the key's slot and reports cluster_state:ok.</summary>
    public Task FailedOverAsync(string key, RedisNode former, CancellationToken ct) => ServerWait.UntilAsync(
        async () =>
        {
            var slot = await SlotAsync(key, ct);
            var owners = (await MapAsync(NodeBeside(former), ct))
                .Where(entry => entry.IsPrimary && !entry.IsFailed && entry.Has(slot))
                .ToArray();
            return owners is [var owner] && NodeOf(owner) != former
                && (await NodeOf(owner).AskAsync(ct, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal);
        },
        "the failover of a shard",
        time,
        ct);

    /// <summary>
    /// Moves a key's slot to another primary while it is in use, key by key, as <c>redis-cli --cluster reshard</c> does. Returns the
    /// new node.
    /// </summary>
    /// <param name="key">Any key of the slot.</param>
    /// <param name="between">Runs before each key is moved.</param>
    /// <param name="ct">Cancels the migration, possibly halfway.</param>
    public async Task<RedisNode> MigrateSlotOfAsync(string key, Func<Task> between, CancellationToken ct)
    {
        var (from, to) = await MoveKeysOfSlotAsync(key, between, ct);
        var (slot, toId) = (await SlotAsync(key, ct), await to.AskAsync(ct, "CLUSTER", "MYID"));
        // The new owner first, then the old one, so that no redirection goes to a node that does not know that it owns the slot.
        foreach (var node in (RedisNode[])[to, from, .. (await PrimariesAsync(ct)).Where(node => node != to && node != from)])
            await node.AskAsync(ct, "CLUSTER", "SETSLOT", $"{slot}", "NODE", toId);
        return to;
    }

    /// <summary>Moves the keys of a key's slot to another primary, and leaves the slot half-moved: the former node still owns it.</summary>
    /// <param name="key">Any key of the slot.</param>
    /// <param name="between">Runs before each key is moved.</param>
    /// <param name="ct">Cancels the migration, possibly halfway.</param>
    /// <param name="isMoved">Which keys are moved; null: all.</param>
    public async Task<(RedisNode From, RedisNode To)> MoveKeysOfSlotAsync(
        string key, Func<Task> between, CancellationToken ct, Func<string, bool>? isMoved = null)
    {
        var slot = (await SlotAsync(key, ct)).ToString(CultureInfo.InvariantCulture);
        var from = await PrimaryOfAsync(key, ct);
        var to = (await PrimariesAsync(ct)).First(node => node != from);
        var (fromId, toId) = (await from.AskAsync(ct, "CLUSTER", "MYID"), await to.AskAsync(ct, "CLUSTER", "MYID"));
        await to.AskAsync(ct, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
        await from.AskAsync(ct, "CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
        while (await NextAsync() is { } next)
        {
            await between();
            var moved = await from.AskAsync(ct, "MIGRATE", "127.0.0.1", to.Port.ToString(CultureInfo.InvariantCulture), next, "0", "10000");
            if (moved is not ("OK" or "NOKEY")) throw new ServerStartException($"A key could not be moved to another node: {moved}");
        }

        return (from, to);

        async Task<string?> NextAsync() => (await from.AskAsync(ct, "CLUSTER", "GETKEYSINSLOT", slot, "1000"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(one => isMoved?.Invoke(one) ?? true);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes) await node.DisposeAsync();
    }

    private RedisNode Running => nodes.First(node => node.Answers);

    private async Task StartAsync(IReadOnlyList<string> redis, CancellationToken ct)
    {
        for (var i = 0; i < Count; i++)
        {
            nodes.Add(await RedisNode.StartAsync(
                [
                    "--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-config-file", "nodes.conf",
                    // The default is the port plus 10,000, which may exceed the range of ports.
                    "--cluster-port", Loopback.FreePort().ToString(CultureInfo.InvariantCulture),
                    // A replica takes over even after a long disconnection.
                    "--cluster-replica-validity-factor", "0", .. redis,
                ],
                time,
                ct));
        }

        var created = await RedisCli.RunAsync(
            ["--cluster", "create", .. nodes.Select(node => node.Address), "--cluster-replicas", "1", "--cluster-yes"], ct);
        if (!created.Contains("All 16384 slots covered", StringComparison.Ordinal))
            throw new ServerStartException($"redis-cli could not create the cluster: {created}");
        await ServerWait.UntilAsync(IsWholeAsync, "every node reports a complete cluster", time, ct);
    }

    // Every node reports a complete cluster, and every replica has the data of its primary.
    private async Task<bool> IsWholeAsync()
    {
        foreach (var node in nodes)
        {
            if (!(await node.AskAsync(default, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal)) return false;
            var map = await MapAsync(node, default);
            if (map.Count != Count || map.Count(entry => entry.IsPrimary) != Primaries) return false;
            var role = await node.AskAsync(default, "INFO", "replication");
            if (role.Contains("role:slave", StringComparison.Ordinal)
                && !role.Contains("master_link_status:up", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private RedisNode NodeBeside(RedisNode other) => nodes.First(node => node.Answers && node != other);

    private RedisNode NodeOf(ClusterNodeLine entry) => nodes.Single(node => node.Port == entry.Port);

    private static async Task<IReadOnlyList<ClusterNodeLine>> MapAsync(RedisNode node, CancellationToken ct) =>
        [.. (await node.AskAsync(ct, "CLUSTER", "NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ClusterNodeLine.Read)];
}
