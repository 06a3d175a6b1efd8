using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Operations;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Tests that each script of jobs and of the index works on a Redis Cluster, where all its keys must share a slot.</summary>
public sealed class ClusterJobTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_are_grouped_replayed_purged_and_exported_on_a_Cluster()
    {
        await using var cluster = await ClusterPartition.StartAsync();
        var partition = cluster.Partition;
        var cursor = await Mails.StartAsync(partition.Stream);
        await partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, Mails.Items(1, 4), Mails.Window, Cancel);
        await using var group = partition.Join("one", TimeSpan.FromMinutes(1));
        foreach (var delivery in await group.Reader.ReadAsync(4, TimeSpan.FromSeconds(5), Cancel))
        {
            var failure = FailureRecord.Of(DeadLetterReasons.Permanent, delivery.Message!.Uid % 2 == 0 ? "Even" : "Odd", "broken");
            Assert.True(await partition.DeadLetters.MoveAsync(delivery, "one", failure, Cancel));
        }

        var page = await partition.Groups.PageAsync(10, null, null, Cancel);
        Assert.Equal([2L, 2L], page.Groups.Select(one => one.Count));
        var settings = Options.Create(new OperationsOptions { ReplayRate = 0 });
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var runner = new JobRunner(
            [new ReplayJob(settings, TimeProvider.System), new PurgeJob(TimeProvider.System)],
            new JobProcess(),
            new JobMetrics(services.GetRequiredService<IMeterFactory>()),
            TimeProvider.System,
            NullLogger<JobRunner>.Instance);
        var bulk = new BulkOperations(new JobSignal(), settings, TimeProvider.System);
        foreach (var (action, fingerprint) in new[] { (BulkAction.Replay, page.Groups[0]), (BulkAction.Purge, page.Groups[1]) }
            .Select(one => (one.Item1, one.Item2.Fingerprint)))
        {
            var filter = new DeadLetterFilter { Fingerprint = fingerprint };
            using var zip = new MemoryStream();
            await DeadLetterExport.WriteAsync(partition, filter, null, "key", zip, Cancel);
            Assert.True(zip.Length > 0);
            var preview = await bulk.PreviewAsync(partition, action, filter, Cancel);
            Assert.Equal(2, preview.Count);
            var (_, job) = await bulk.StartAsync(partition, action, filter, preview.Token, "key", Cancel);
            Assert.True(await runner.PassAsync(partition, "dead-letters", Cancel));
            job = await partition.Jobs.FindAsync(job!.Id, Cancel);
            Assert.Equal((JobState.Completed, 2L), (job!.State, job.Done));
        }

        Assert.Empty((await partition.Groups.PageAsync(10, null, null, Cancel)).Groups);
        Assert.Equal(2, (await group.Reader.ReadAsync(4, TimeSpan.FromSeconds(5), Cancel)).Count);
        Assert.Equal(0, await new DeadLetterIndex(partition.Keys, cluster.Connection).RepairAsync(Cancel));
    }
}
