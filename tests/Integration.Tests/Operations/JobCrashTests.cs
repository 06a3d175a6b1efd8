using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Kills or pauses the process that runs a job. Another carries it on, and each dead letter is replayed once.</summary>
public sealed class JobCrashTests(TestServers servers)
{
    private const int Count = 200;

    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "Error", "broken");

    // Four seconds for all of them, so that the process dies in the middle.
    private static readonly (string, string)[] Slow = [("Operations:ReplayRate", "50"), ("Operations:MaxReplays", "2")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_of_a_killed_process_is_carried_on_by_another()
    {
        await using var partition = await DeadLettersAsync();
        var processes = new List<ConsumerProcess>
        {
            ConsumerProcess.Start(partition, "one", Slow), ConsumerProcess.Start(partition, "two", Slow),
        };
        try
        {
            var id = await StartAsync(partition);
            var job = await RunningAsync(partition, id);

            processes.Single(one => IsOf(job, one)).Kill();

            await AssertReplayedOnceAsync(partition, id, job.Process);
        }
        finally
        {
            processes.ForEach(one => one.Dispose());
        }
    }

    [Fact]
    public async Task A_process_that_stood_still_changes_nothing_more()
    {
        await using var partition = await DeadLettersAsync();
        using var paused = ConsumerProcess.Start(partition, "one", Slow);
        var id = await StartAsync(partition);
        var job = await RunningAsync(partition, id);

        paused.Pause();
        using var heir = ConsumerProcess.Start(partition, "two", Slow);
        await Eventually.TrueAsync(async () => (await FindAsync(partition, id)).Process != job.Process, "another process has the job");
        paused.Continue();

        await AssertReplayedOnceAsync(partition, id, job.Process);
    }

    private async Task<TestPartition> DeadLettersAsync()
    {
        var partition = await servers.PartitionWithMailAsync(Count);
        await using var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1));
        for (var moved = 0; moved < Count;)
        {
            foreach (var delivery in await group.Reader.ReadAsync(50, TimeSpan.FromSeconds(5), Cancel))
            {
                Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "tester", Failure, Cancel));
                moved++;
            }
        }

        return partition;
    }

    private static async Task<string> StartAsync(TestPartition partition)
    {
        var last = (await partition.Database.StreamInfoAsync(partition.Keys.DeadLetters)).LastGeneratedId;
        var (_, job) = await partition.Partition.Jobs.CreateAsync(
            new NewJob("replay", "{}", Count, "tester", "bulk-replay") { Until = last! }, Cancel);
        return job!.Id;
    }

    private static async Task<Job> RunningAsync(TestPartition partition, string id)
    {
        var job = await FindAsync(partition, id);
        await Eventually.TrueAsync(async () => (job = await FindAsync(partition, id)).Done is > 20 and < Count, "it is in the middle");
        return job;
    }

    private static async Task AssertReplayedOnceAsync(TestPartition partition, string id, string first)
    {
        await Eventually.TrueAsync(async () => (await FindAsync(partition, id)).State == JobState.Completed, "the job has completed");
        var job = await FindAsync(partition, id);
        Assert.NotEqual(first, job.Process);
        Assert.Equal((Count, 0L, 0L), (job.Done, job.Skipped, job.Failed));
        Assert.Equal(0, await partition.Database.StreamLengthAsync(partition.Keys.DeadLetters));
        await partition.DrainedAsync();
        // Each was appended once and replayed once.
        var stream = (StackExchange.Redis.RedisResult[])(await partition.Database.ExecuteAsync(
            "XINFO", "STREAM", (StackExchange.Redis.RedisKey)partition.Keys.Stream))!;
        var at = Array.FindIndex(stream, field => (string?)field == "entries-added");
        Assert.Equal(2 * Count, (int)stream[at + 1]);
        Assert.Equal(Count, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }

    private static async Task<Job> FindAsync(TestPartition partition, string id) => (await partition.Partition.Jobs.FindAsync(id, Cancel))!;

    private static bool IsOf(Job job, ConsumerProcess process) =>
        job.Process.Contains($"-{process.Id}-", StringComparison.Ordinal);
}
