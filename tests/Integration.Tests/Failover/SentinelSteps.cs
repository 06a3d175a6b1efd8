using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>The steps of the tests of lost writes, on a pipeline and its servers.</summary>
internal static class SentinelSteps
{
    public static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(2);
    public static readonly string[] NeedsAReplica = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", $"{MaxLag.TotalSeconds}"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The primary accepts thirty more emails without its replicas: appended, processed, settled.
    public static async Task TakeWritesWithoutReplicasAsync(FailoverPipeline pipeline)
    {
        await Eventually.TrueAsync(async () => (await pipeline.PollAsync()).Appended == 30, "it is appended");
        await pipeline.ProcessedAsync(50);
        await Eventually.TrueAsync(
            async () => (await pipeline.Stream(0).Inspector.ReadSnapshotAsync(false, Cancel)).Depth == 0, "it is settled");
    }

    // Twenty emails are processed and known to every replica.
    public static async Task StartInStepsAsync(FailoverPipeline pipeline)
    {
        await pipeline.StartConsumerAsync(delayMs: 1);
        await pipeline.StartPollerAsync();
        await pipeline.ReceiveAsync(20);
        await pipeline.PollAsync();
        await pipeline.AccountAsync();
        await (await pipeline.Connection.DatabaseAsync(Cancel)).ExecuteAsync("WAIT", 2, 5_000);
    }

    // The replicas hang, and the data on its way to them is lost.
    public static async Task CutReplicasOffAsync(SentinelProcesses redis)
    {
        var primary = await redis.PrimaryAsync(Cancel);
        foreach (var replica in redis.Nodes.Where(node => node.IsRunning && node != primary))
            replica.Pause();
        Assert.NotEqual("", await primary.AskAsync(Cancel, "CLIENT", "KILL", "TYPE", "REPLICA"));
    }

    public static async Task LosePrimaryAsync(SentinelProcesses redis)
    {
        var former = await redis.KillPrimaryAsync(Cancel);
        foreach (var replica in redis.Nodes.Where(node => node != former))
            replica.Resume();
        await redis.FailedOverAsync(former, Cancel);
    }
}
