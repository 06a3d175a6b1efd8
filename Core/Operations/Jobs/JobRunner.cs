using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Operations.Jobs;

/// <summary>
/// Runs the oldest open job of a lane, if this process gets the lane's lock; jobs that wait come after the others. A job whose process has
/// died is open and its lock expires, so another process carries it on from the position that the last step has written.
/// </summary>
internal sealed class JobRunner(
    IEnumerable<IJobKind> kinds, JobProcess process, JobMetrics metrics, TimeProvider time, ILogger<JobRunner> logger)
{
    private readonly IJobKind[] _kinds = [.. kinds];

    /// <summary>The lanes of the kinds that this process runs.</summary>
    public IReadOnlyList<string> Lanes => [.. _kinds.Select(kind => kind.Lane).Distinct(StringComparer.Ordinal)];

    /// <summary>Runs one job of a lane to its end. False: there is none for this process.</summary>
    public async Task<bool> PassAsync(StreamPartition partition, string lane, CancellationToken cancellationToken)
    {
        if (await NextAsync(partition, lane, cancellationToken) is null
            || !await partition.Jobs.TryLockAsync(lane, process.Name, cancellationToken))
            return false;
        try
        {
            // Again, under the lock: the process that had it may have ended the job.
            if (await NextAsync(partition, lane, cancellationToken) is not { } next)
                return false;
            await RunAsync(next.Kind, next.Job, partition, cancellationToken);
            return true;
        }
        finally
        {
            await UnlockAsync(partition, lane);
        }
    }

    private async Task<(IJobKind Kind, Job Job)?> NextAsync(StreamPartition partition, string lane, CancellationToken cancellationToken) =>
        JobOrder.Next(await partition.Jobs.OpenAsync(cancellationToken), KindsOf(lane));

    private IJobKind[] KindsOf(string lane) => [.. _kinds.Where(kind => kind.Lane == lane)];

    private async Task RunAsync(IJobKind kind, Job job, StreamPartition partition, CancellationToken cancellationToken)
    {
        var begin = new JobChange(JobState.Running)
        {
            Values =
            [
                (JobFields.Process, process.Name), (JobFields.Reason, ""),
                (JobFields.Started, job.Started?.ToUnixTimeMilliseconds() ?? partition.Jobs.Now()),
            ],
        };
        if (!await partition.Jobs.UpdateAsync(job.Id, kind.Lane, process.Name, begin, cancellationToken))
            return;
        Log.JobRuns(logger, job.Id, job.Kind, partition.Name, job.Done + job.Skipped + job.Failed, job.Total);
        var run = new JobRun(job, partition, kind.Lane, process.Name, time) { Kinds = KindsOf(kind.Lane) };
        var (state, reason) = await RunAsync(kind, run, cancellationToken);
        if (!run.IsStopped)
            await EndAsync(kind, run, state, reason, cancellationToken);
        if (await partition.Jobs.FindAsync(job.Id, cancellationToken) is { } after)
        {
            metrics.Ran(job, after);
            Log.JobRan(logger, job.Id, job.Kind, after.State, after.Done, after.Skipped, after.Failed, after.Reason);
        }
    }

    private async Task<(string State, string Reason)> RunAsync(IJobKind kind, JobRun run, CancellationToken cancellationToken)
    {
        try
        {
            await kind.RunAsync(run, cancellationToken);
            return (JobState.Completed, "");
        }
        catch (JobFailedException e)
        {
            return (JobState.Failed, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && !RedisErrors.IsPassing(e) && !RedisErrors.IsReplaced(e))
        {
            // What no repeat repairs ends the job, or it would be tried again and again. A passing failure of Redis does not come here.
            if (OperationFailure.Of(e) is not { } failure)
            {
                Log.JobBroken(logger, run.Job.Id, run.Job.Kind, e);
                return (JobState.Failed, $"The job failed ({e.GetType().Name}). The log of {process.Name} says why.");
            }

            return (JobState.Failed, failure.Detail);
        }
    }

    // If Redis has gone back behind what the run has done, the job stays open and runs again from there.
    private async Task EndAsync(IJobKind kind, JobRun run, string state, string reason, CancellationToken cancellationToken)
    {
        var (job, partition) = (run.Job, run.Partition);
        var now = await partition.Jobs.FindAsync(job.Id, cancellationToken) ?? job;
        var outcome = $"{state}: {now.Done} done, {now.Skipped} skipped, {now.Failed} failed{(reason.Length > 0 ? $": {reason}" : "")}";
        var end = new JobChange(state)
        {
            Values = [(JobFields.Ended, partition.Jobs.Now()), (JobFields.Reason, reason)],
            Audit = new AuditRecord(job.Who, job.AuditAction, job.Id, job.Filter, now.Done, outcome),
            Expected = run.Reached,
        };
        await partition.Jobs.UpdateAsync(job.Id, kind.Lane, process.Name, end, cancellationToken);
    }

    private async Task UnlockAsync(StreamPartition partition, string lane)
    {
        try
        {
            await partition.Jobs.UnlockAsync(lane, process.Name);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // It expires.
        }
    }
}
