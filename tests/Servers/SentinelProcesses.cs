using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>A Redis with two replicas and three Sentinels, which make one of the replicas the primary when it dies.</summary>
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

    /// <summary>All of them, whatever their role is now.</summary>
    public IReadOnlyList<RedisNode> Nodes => nodes;

    public IReadOnlyList<int> SentinelPorts => [.. sentinels.Select(sentinel => sentinel.Port)];

    public string ConnectionString => $"{string.Join(',', SentinelPorts.Select(port => $"127.0.0.1:{port}"))},serviceName={ServiceName}";

    /// <param name="redis">More arguments of each redis-server, for example <c>--min-replicas-to-write 1</c>.</param>
    /// <param name="time">A real clock.</param>
    /// <param name="ct">Ends the wait, and the servers with it.</param>
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

    /// <summary>The node that the Sentinels take for the primary.</summary>
    public async Task<RedisNode> PrimaryAsync(CancellationToken ct)
    {
        var answer = (await sentinels[0].AskAsync(ct, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName)).Split('\n', StringSplitOptions.TrimEntries);
        return nodes.Single(node => node.Port == int.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    /// <summary>How many failovers there have been: on a busy machine one may be taken for dead that is only slow.</summary>
    public async Task<int> FailoversAsync(CancellationToken ct)
    {
        var answer = (await sentinels[0].AskAsync(ct, "SENTINEL", "MASTER", ServiceName)).Split('\n', StringSplitOptions.TrimEntries);
        return int.Parse(answer[Array.IndexOf(answer, "config-epoch") + 1], CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL of the primary; answers which node it was.</summary>
    public async Task<RedisNode> KillPrimaryAsync(CancellationToken ct)
    {
        var primary = await PrimaryAsync(ct);
        await primary.KillAsync();
        return primary;
    }

    /// <summary>SIGSTOP of the primary, as a machine that hangs: it wakes up by <see cref="RedisNode.Resume"/> and still takes itself for the primary.</summary>
    public async Task<RedisNode> PausePrimaryAsync(CancellationToken ct)
    {
        var primary = await PrimaryAsync(ct);
        primary.Pause();
        return primary;
    }

    /// <summary>Waits until another node than the given one is primary, for every Sentinel and for itself.</summary>
    public Task FailedOverAsync(RedisNode former, CancellationToken ct) => ServerWait.UntilAsync(
        async () =>
        {
            var primary = await PrimaryAsync(ct);
            if (primary == former || !await IsAsync(primary, "master", ct)) return false;
            foreach (var sentinel in sentinels)
            {
                if (!(await sentinel.AskAsync(ct, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName)).EndsWith($"{primary.Port}", StringComparison.Ordinal)) return false;
            }

            return true;
        },
        "the failover",
        time,
        ct);

    /// <summary>Waits until every node but the primary is its replica and has all its data.</summary>
    public Task InSyncAsync(CancellationToken ct) => ServerWait.UntilAsync(
        async () =>
        {
            var primary = await PrimaryAsync(ct);
            var info = await primary.AskAsync(ct, "INFO", "replication");
            return info.Contains("role:master", StringComparison.Ordinal)
                && info.Split('\n').Count(line => line.StartsWith("slave", StringComparison.Ordinal) && line.Contains("state=online", StringComparison.Ordinal)) == Replicas;
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
            foreach (var sentinel in sentinels)
            {
                var info = await sentinel.AskAsync(ct, "INFO", "sentinel");
                if (!info.Contains($"status=ok,address=127.0.0.1:{primary.Port},slaves={Replicas},sentinels={Sentinels}", StringComparison.Ordinal)) return false;
            }

            return true;
        }
    }

    private static async Task<bool> IsAsync(RedisNode node, string role, CancellationToken ct) =>
        (await node.AskAsync(ct, "ROLE")).StartsWith(role, StringComparison.Ordinal);
}
