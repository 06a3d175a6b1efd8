using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>A Redis with two replicas and three Sentinels, which promote a replica when the primary fails.</summary>
internal sealed class SentinelProcesses : IAsyncDisposable
{
    public const string ServiceName = "mymaster";

    private const int Replicas = 2;
    private const int Sentinels = 3;
    private const int Quorum = 2;

    private readonly TimeProvider time;
    private readonly List<RedisNode> nodes = [];
    private readonly List<SentinelProcess> sentinels = [];

    private SentinelProcesses(TimeProvider time) => this.time = time;

    /// <summary>All nodes, in any role.</summary>
    public IReadOnlyList<RedisNode> Nodes => nodes;

    public IReadOnlyList<int> SentinelPorts => [.. sentinels.Select(sentinel => sentinel.Port)];

    public string ConnectionString => $"{string.Join(',', SentinelPorts.Select(port => $"127.0.0.1:{port}"))},serviceName={ServiceName}";

    /// <param name="redis">More arguments of each redis-server, for example <c>--min-replicas-to-write 1</c>.</param>
    /// <param name="time">The clock; must be a real one.</param>
    /// <param name="ct">Cancels the wait and ends the servers.</param>
    public static async Task<SentinelProcesses> StartAsync(IReadOnlyList<string> redis, TimeProvider time, CancellationToken ct)
    {
        var result = new SentinelProcesses(time);
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

    /// <summary>Returns the node that the Sentinels report as primary.</summary>
    public async Task<RedisNode> PrimaryAsync(CancellationToken ct)
    {
        var answer = (await AddressAsync(sentinels[0], ct)).Split('\n', StringSplitOptions.TrimEntries);
        return nodes.Single(node => node.Port == int.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Returns the number of failovers. On a busy machine, Sentinels may take a slow node for a dead one.</summary>
    public async Task<int> FailoversAsync(CancellationToken ct)
    {
        var answer = (await sentinels[0].AskAsync(ct, "SENTINEL", "MASTER", ServiceName)).Split('\n', StringSplitOptions.TrimEntries);
        return int.Parse(answer[Array.IndexOf(answer, "config-epoch") + 1], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends SIGKILL to the primary. Returns that node.</summary>
    public async Task<RedisNode> KillPrimaryAsync(CancellationToken ct)
    {
        var primary = await PrimaryAsync(ct);
        await primary.KillAsync();
        return primary;
    }

    /// <summary>
    /// Sends SIGSTOP to the primary, like a hanging machine. After <see cref="RedisNode.Resume"/> it still acts as the primary.
    /// </summary>
    public async Task<RedisNode> PausePrimaryAsync(CancellationToken ct)
    {
        var primary = await PrimaryAsync(ct);
        primary.Pause();
        return primary;
    }

    /// <summary>Waits until another node than the former one is primary, by its own report and that of every Sentinel.</summary>
    public Task FailedOverAsync(RedisNode former, CancellationToken ct) => ServerWait.UntilAsync(
        async () =>
        {
            var primary = await PrimaryAsync(ct);
            if (primary == former || !await IsAsync(primary, "master", ct)) return false;
            foreach (var sentinel in sentinels)
            {
                if (!(await AddressAsync(sentinel, ct)).EndsWith($"{primary.Port}", StringComparison.Ordinal)) return false;
            }

            return true;
        },
        "the failover",
        time,
        ct);

    /// <summary>Waits until all replicas are online and in sync.</summary>
    public Task InSyncAsync(CancellationToken ct) => ServerWait.UntilAsync(
        async () =>
        {
            var primary = await PrimaryAsync(ct);
            var info = await primary.AskAsync(ct, "INFO", "replication");
            return info.Contains("role:master", StringComparison.Ordinal)
                && info.Split('\n').Count(IsOnlineReplica) == Replicas;
        },
        "the replicas are in sync",
        time,
        ct);

    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in sentinels) await sentinel.DisposeAsync();
        foreach (var node in nodes) await node.DisposeAsync();
    }

    private async Task StartAsync(IReadOnlyList<string> redis, CancellationToken ct)
    {
        var primary = await RedisNode.StartAsync(redis, time, ct);
        nodes.Add(primary);
        for (var i = 0; i < Replicas; i++)
            nodes.Add(await RedisNode.StartAsync(["--replicaof", $"127.0.0.1 {primary.Port}", .. redis], time, ct));
        for (var i = 0; i < Sentinels; i++)
        {
            sentinels.Add(await SentinelProcess.StartAsync(
                [
                    $"sentinel monitor {ServiceName} 127.0.0.1 {primary.Port} {Quorum}",
                    $"sentinel down-after-milliseconds {ServiceName} 2000",
                    $"sentinel failover-timeout {ServiceName} 3000",
                ],
                time,
                ct));
        }

        await InSyncAsync(ct);
        await ServerWait.UntilAsync(KnowEachOtherAsync, "the Sentinels know each other and the replicas", time, ct);

        async Task<bool> KnowEachOtherAsync()
        {
            var complete = $"status=ok,address=127.0.0.1:{primary.Port},slaves={Replicas},sentinels={Sentinels}";
            foreach (var sentinel in sentinels)
            {
                var info = await sentinel.AskAsync(ct, "INFO", "sentinel");
                if (!info.Contains(complete, StringComparison.Ordinal)) return false;
            }

            return true;
        }
    }

    private static Task<string> AddressAsync(SentinelProcess sentinel, CancellationToken ct) =>
        sentinel.AskAsync(ct, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName);

    private static bool IsOnlineReplica(string line) =>
        line.StartsWith("slave", StringComparison.Ordinal) && line.Contains("state=online", StringComparison.Ordinal);

    private static async Task<bool> IsAsync(RedisNode node, string role, CancellationToken ct) =>
        (await node.AskAsync(ct, "ROLE")).StartsWith(role, StringComparison.Ordinal);
}
