using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests the sets of servers that the other tests use.</summary>
public sealed class ServerSetsTests
{
    [Fact]
    public async Task Sentinels_make_a_replica_the_primary_and_the_old_one_comes_back_as_a_replica()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var servers = await SentinelProcesses.StartAsync([], TimeProvider.System, ct);
        var former = await servers.PrimaryAsync(ct);
        Assert.Equal("OK", await former.AskAsync(ct, "SET", "kept", "yes"));

        Assert.Same(former, await servers.KillPrimaryAsync(ct));
        await servers.FailedOverAsync(former, ct);
        Assert.Equal("yes", await (await servers.PrimaryAsync(ct)).AskAsync(ct, "GET", "kept"));

        await former.RestartAsync(ct);
        await servers.InSyncAsync(ct);
        Assert.StartsWith("slave", await former.AskAsync(ct, "ROLE"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_fails_over_a_shard_and_moves_a_slot()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var servers = await ClusterProcesses.StartAsync([], TimeProvider.System, ct);
        Assert.Equal(3, (await servers.PrimariesAsync(ct)).Count);
        var owner = await servers.PrimaryOfAsync("{a}key", ct);
        Assert.Equal("OK", await owner.AskAsync(ct, "SET", "{a}key", "value"));

        var moved = await servers.MigrateSlotOfAsync("{a}key", () => Task.CompletedTask, ct);
        Assert.NotSame(owner, moved);
        Assert.Same(moved, await servers.PrimaryOfAsync("{a}key", ct));
        Assert.Equal("value", await moved.AskAsync(ct, "GET", "{a}key"));

        Assert.Equal("1", await moved.AskAsync(ct, "WAIT", "1", "5000"));
        Assert.Same(moved, await servers.KillPrimaryOfAsync("{a}key", ct));
        await servers.FailedOverAsync("{a}key", moved, ct);
        Assert.Equal("value", await (await servers.PrimaryOfAsync("{a}key", ct)).AskAsync(ct, "GET", "{a}key"));
        await moved.RestartAsync(ct);
    }
}
