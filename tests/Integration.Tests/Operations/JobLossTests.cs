using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Takes back steps of a job that Redis has confirmed, as a failover does that the process does not notice.</summary>
public sealed class JobLossTests(TestServers servers)
{
    private const string Lane = "dead-moved";
    private const string Holder = "one";

    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "Error", "broken");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_whose_last_step_was_taken_back_runs_again_and_is_not_ended(bool failsAfterwards)
    {
        await using var partition = new TestPartition(servers);
        var jobs = partition.Partition.Jobs;
        var (_, job) = await jobs.CreateAsync(new NewJob(OneStep.Name, "{}", 1, "tester", "test"), Cancel);
        var kind = new OneStep(async () =>
        {
            await partition.Database.HashSetAsync(partition.Keys.Job(job!.Id), [new("position", ""), new("done", 0)]);
            if (failsAfterwards)
                throw new JobFailedException("no");
        });
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new JobMetrics(services.GetRequiredService<IMeterFactory>());
        var runner = new JobRunner([kind], new JobProcess(), metrics, TimeProvider.System, NullLogger<JobRunner>.Instance);

        Assert.True(await runner.PassAsync(partition.Partition, Lane, Cancel));
        Assert.Equal(JobState.Running, (await jobs.FindAsync(job!.Id, Cancel))!.State);
        Assert.True(await runner.PassAsync(partition.Partition, Lane, Cancel));

        var ended = (await jobs.FindAsync(job.Id, Cancel))!;
        Assert.Equal((JobState.Completed, 1L, 2), (ended.State, ended.Done, kind.Runs));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_follows_one_that_was_taken_back_changes_nothing(bool replays)
    {
        await using var partition = await servers.PartitionWithMailAsync(2);
        await using var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1));
        foreach (var delivery in await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(5), Cancel))
            Assert.True(await partition.Partition.DeadLetters.MoveAsync(delivery, "tester", Failure, Cancel));
        var listed = await partition.Partition.DeadLetters.ListAsync(10, null, null, null, Cancel);
        string[] moved = [.. listed.Select(one => one.Id).Order(StringComparer.Ordinal)];
        var jobs = partition.Partition.Jobs;
        var (_, job) = await jobs.CreateAsync(new NewJob("replay", "{}", 2, "tester", "bulk-replay"), Cancel);
        Assert.True(await jobs.TryLockAsync(Lane, Holder, Cancel));
        await jobs.UpdateAsync(job!.Id, Lane, Holder, new JobChange(JobState.Running), Cancel);

        // Redis has lost the step of the first one, which is a dead letter again.
        Assert.Equal(StepResult.Stopped, await StepAsync(moved[1], before: moved[0]));
        Assert.Equal(2, await partition.Database.StreamLengthAsync(partition.Keys.DeadLetters));
        Assert.Equal(("", 0L), await jobs.FindAsync(job.Id, Cancel) is { } now ? (now.Position, now.Done) : default);

        Assert.Equal(StepResult.Done, await StepAsync(moved[0], before: ""));
        // The answer was lost, and the step is repeated.
        Assert.Equal(StepResult.Done, await StepAsync(moved[0], before: ""));
        Assert.Equal(StepResult.Done, await StepAsync(moved[1], before: moved[0]));
        Assert.Equal((moved[1], 2L), await jobs.FindAsync(job.Id, Cancel) is { } last ? (last.Position, last.Done) : default);
        Assert.Equal(0, await partition.Database.StreamLengthAsync(partition.Keys.DeadLetters));

        async Task<StepResult> StepAsync(string one, string before)
        {
            var step = new JobStep(job.Id, Lane, Holder, 0, before);
            if (!replays)
                return await partition.Partition.DeadLetters.DeleteAsync(one, "tester", step, Cancel);
            var (result, _) = await partition.Partition.DeadLetters.ReplayAsync(one, "tester", step, Cancel);
            return result == ReplayResult.Stopped ? StepResult.Stopped : StepResult.Done;
        }
    }

    private sealed class OneStep(Func<Task> afterFirst) : IJobKind
    {
        public const string Name = "one step";

        public string Kind => Name;

        public string Lane => JobLossTests.Lane;

        public int Runs { get; private set; }

        public bool MustFollow(Job job, Job older) => false;

        public async Task RunAsync(JobRun run, CancellationToken cancellationToken)
        {
            Assert.Equal("", run.Job.Position);
            Assert.True(await run.AdvanceAsync("1", done: 1, skipped: 0, failed: 0, expected: null, cancellationToken));
            if (++Runs == 1)
                await afterFirst();
        }
    }
}
