using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams.Jobs;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Jobs that read many dead letters of which none matches.</summary>
public sealed class VainSearchTests(TestServers servers)
{
    private const string Lane = "dead-letters";
    private const string Holder = "one";

    // More than two calls of the script read.
    private const int Count = 1_100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lock_is_renewed_while_nothing_matches()
    {
        await using var partition = await FilledAsync();
        var run = await BeginAsync(partition);
        var jobLock = partition.Keys.JobLock(Lane);
        await partition.Database.KeyExpireAsync(jobLock, TimeSpan.FromHours(1));

        await new PurgeJob(TimeProvider.System).RunAsync(run, Cancel);

        Assert.False(run.IsStopped);
        Assert.InRange((await partition.Database.KeyTimeToLiveAsync(jobLock))!.Value, TimeSpan.FromTicks(1), JobStore.LockLife);
    }

    [Fact]
    public async Task A_run_whose_lane_another_process_has_ends_while_nothing_matches()
    {
        await using var partition = await FilledAsync();
        var run = await BeginAsync(partition);
        await partition.Database.StringSetAsync(partition.Keys.JobLock(Lane), "two");

        await new PurgeJob(TimeProvider.System).RunAsync(run, Cancel);

        Assert.True(run.IsStopped);
        Assert.Equal("", (await partition.Partition.Jobs.FindAsync(run.Job.Id, Cancel))!.Position);
    }

    [Fact]
    public async Task The_position_moves_while_nothing_matches()
    {
        await using var partition = await FilledAsync();
        var run = await BeginAsync(partition);

        await new PurgeJob(TimeProvider.System).RunAsync(run, Cancel);

        var job = (await partition.Partition.Jobs.FindAsync(run.Job.Id, Cancel))!;
        Assert.Equal("1000-0", job.Position);
        Assert.Equal((0L, 0L, 0L), (job.Done, job.Skipped, job.Failed));
        Assert.Equal(Count, await partition.Database.StreamLengthAsync(partition.Keys.DeadLetters));
    }

    private async Task<TestPartition> FilledAsync()
    {
        var partition = new TestPartition(servers);
        await Task.WhenAll(Enumerable.Range(1, Count).Select(i => partition.Database.StreamAddAsync(
            partition.Keys.DeadLetters, [new("mailbox", "ann@example.org/INBOX"), new("raw", "x")], $"{i}-0")));
        return partition;
    }

    private static async Task<JobRun> BeginAsync(TestPartition partition)
    {
        var jobs = partition.Partition.Jobs;
        var filter = """{"mailbox":"bob@example.org/INBOX"}""";
        var (_, job) = await jobs.CreateAsync(new NewJob("purge", filter, 0, "tester", "bulk-purge") { Until = $"{Count}-0" }, Cancel);
        Assert.True(await jobs.TryLockAsync(Lane, Holder, Cancel));
        await jobs.UpdateAsync(job!.Id, Lane, Holder, new JobChange(JobState.Running), Cancel);
        return new JobRun(job, partition.Partition, Lane, Holder, new FastClock());
    }

    // Each reading is ten seconds after the one before.
    private sealed class FastClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _ticks, TimeSpan.FromSeconds(10).Ticks);
    }
}
