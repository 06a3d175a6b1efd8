using EmailIngestion.Redis;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A Redis Cluster of one test, and a partition on it whose group exists.</summary>
internal sealed class ClusterPartition : IAsyncDisposable
{
    private ClusterPartition(ClusterProcesses servers)
    {
        Servers = servers;
        var options = new StreamOptions { ConnectionString = servers.ConnectionString };
        options.Partitions.Add("mail");
        Connection = StreamConnection.Create(Options.Create(options));
        Partition = new StreamPartition("mail", Connection, Options.Create(options), TimeProvider.System);
    }

    public ClusterProcesses Servers { get; }

    public RedisConnection Connection { get; }

    public StreamPartition Partition { get; }

    public static async Task<ClusterPartition> StartAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var started = new ClusterPartition(await ClusterProcesses.StartAsync([], TimeProvider.System, cancel));
        await started.Partition.Stream.EnsureGroupAsync(cancel);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Servers.DisposeAsync();
    }
}
