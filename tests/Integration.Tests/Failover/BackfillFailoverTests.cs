using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Servers;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Builder;
using Xunit;
using static EmailIngestion.Integration.Tests.Support.BackfillSteps;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>
/// A backfill on a Redis Cluster and through a failover with Sentinels. No consumer runs, so the stream shows what was lost or read twice.
/// </summary>
public sealed class BackfillFailoverTests(TestServers servers)
{
    private const int Count = 1_500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_primary_of_a_Cluster_loses_no_mail_of_a_backfill()
    {
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var partition = new TestPartition(servers);
        var (host, id) = await StartAsync(partition, redis.ConnectionString);
        var stream = partition.Keys.Stream.ToString();
        var former = await redis.KillPrimaryOfAsync(stream, Cancel);
        await redis.FailedOverAsync(stream, former, Cancel);
        await AssertReadOnceAsync(host, id);
    }

    [Fact]
    public async Task A_slot_migration_repeats_and_loses_no_mail_of_a_backfill()
    {
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var partition = new TestPartition(servers);
        var (host, id) = await StartAsync(partition, redis.ConnectionString);
        await redis.MigrateSlotOfAsync(
            partition.Keys.Stream.ToString(), () => Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System), Cancel);
        await AssertReadOnceAsync(host, id);
    }

    [Fact]
    public async Task Appends_that_no_replica_had_are_read_again()
    {
        await using var redis = await SentinelProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var partition = new TestPartition(servers);
        var (host, id) = await StartAsync(partition, redis.ConnectionString);
        await SentinelSteps.CutReplicasOffAsync(redis);
        var done = (await host.JobAsync(id)).Done;
        await Eventually.TrueAsync(
            async () => (await host.JobAsync(id)) is var job && (job.HasEnded || job.Done >= done + 100), "only the primary knows them");
        await SentinelSteps.LosePrimaryAsync(redis);
        await AssertReadOnceAsync(host, id);
    }

    // Starts the cursor above all mail, and a backfill of it, which is in the middle.
    private async Task<(WebApplication Host, string Job)> StartAsync(TestPartition partition, string connectionString)
    {
        await new MailUser(servers, partition.User).AppendAsync(Mails(Count));
        var settings = partition.PollingSettings(startFrom: "now");
        settings["Streams:ConnectionString"] = connectionString;
        var host = await partition.StartHostAsync(settings);
        await host.PollAsync();
        Assert.Equal((uint)Count, (await host.LiveCursorAsync()).Last);
        var id = await host.BackfillAsync(Day, Day);
        await Eventually.TrueAsync(async () => (await host.JobAsync(id)).Done >= 100, "it is in the middle");
        return (host, id);
    }

    private static async Task AssertReadOnceAsync(WebApplication host, string id)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal((uint)Count, (await Eventually.AnsweredAsync(() => host.LiveCursorAsync())).Last);
                return (await Eventually.AnsweredAsync(() => host.JobAsync(id))).HasEnded;
            },
            "the job has ended");
        var job = await host.JobAsync(id);
        Assert.Equal((JobState.Completed, "", (long)Count, 0L, 0L), (job.State, job.Reason, job.Done, job.Skipped, job.Failed));
        Assert.Equal(Enumerable.Range(1, Count).Select(uid => (uint)uid), await host.StreamedUidsAsync());
    }
}
