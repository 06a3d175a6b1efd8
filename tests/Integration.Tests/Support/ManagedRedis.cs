using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A Redis as managed services have it, Azure Managed Redis with the Enterprise clustering policy among them: it enforces hash slots, calls
/// itself standalone, and answers no CLUSTER, CONFIG or SELECT. Behind the proxy is a Cluster of one node.
/// </summary>
internal sealed class ManagedRedis : IAsyncDisposable
{
    private readonly RespProxy _proxy;

    private ManagedRedis(RedisNode node, RespProxy proxy) => (Node, _proxy) = (node, proxy);

    /// <summary>The node behind the proxy, which answers everything.</summary>
    public RedisNode Node { get; }

    /// <summary>The address for clients.</summary>
    public string Address => $"127.0.0.1:{_proxy.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <param name="certificate">Of the server, in PEM files; null: it speaks plain text.</param>
    /// <param name="untold">Names of lines that INFO leaves out.</param>
    public static async Task<ManagedRedis> StartAsync((string Certificate, string Key)? certificate = null, params string[] untold)
    {
        var cancel = TestContext.Current.CancellationToken;
        string[] arguments =
        [
            "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
            "--cluster-port", Loopback.FreePort().ToString(CultureInfo.InvariantCulture),
        ];
        var node = await RedisNode.StartAsync(arguments, TimeProvider.System, cancel);
        Assert.Equal("OK", await node.AskAsync(cancel, "CLUSTER", "ADDSLOTSRANGE", "0", "16383"));
        await Eventually.TrueAsync(
            async () => (await node.AskAsync(cancel, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal),
            "the node has its slots");
        return new ManagedRedis(node, new RespProxy(node.Port, certificate, untold));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await Node.DisposeAsync();
    }
}
