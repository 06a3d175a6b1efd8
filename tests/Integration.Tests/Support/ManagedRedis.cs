using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A Redis like that of managed services, such as Azure Managed Redis with the Enterprise clustering policy. It enforces hash slots,
/// reports itself as standalone, and refuses CLUSTER, CONFIG and SELECT. It is a Cluster of one node behind a proxy.
/// </summary>
internal sealed class ManagedRedis : IAsyncDisposable
{
    private readonly RespProxy _proxy;

    private ManagedRedis(RedisNode node, RespProxy proxy) => (Node, _proxy) = (node, proxy);

    /// <summary>The node behind the proxy, which accepts all commands.</summary>
    public RedisNode Node { get; }

    /// <summary>The address for clients.</summary>
    public string Address => $"127.0.0.1:{_proxy.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <param name="certificate">The server's certificate in PEM files; null for plain text.</param>
    /// <param name="hidden">The names of the lines that INFO leaves out.</param>
    public static async Task<ManagedRedis> StartAsync((string Certificate, string Key)? certificate = null, params string[] hidden)
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
        return new ManagedRedis(node, new RespProxy(node.Port, certificate, hidden));
    }

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await Node.DisposeAsync();
    }
}
