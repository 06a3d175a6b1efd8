using EmailIngestion.Operations.Jobs;
using EmailIngestion.Redis;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Bulk;

/// <summary>
/// A job that changes the dead letters of a filter, one after the other, oldest first. Each step writes the job's position and counts with
/// its effect, so that a crash repeats nothing. It waits while Redis or the stream is full.
/// </summary>
/// <param name="rate">Steps in a second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal abstract class DeadLetterJob(int rate, TimeProvider time) : IJobKind
{
    private const string StreamFull = "The stream is at its limit (Streams:MaxStreamLength).";

    public abstract string Kind { get; }

    public string Lane => "dead-letters";

    // A purge that overtakes a replay would delete what the replay has not moved yet, and a replay would move what a purge is to delete.
    // The older job no longer changes the dead letters that it has decided. It never changes those that it does not select.
    public bool MustFollow(Job job, Job older) =>
        job.Kind != older.Kind
        && JobRequest.Find(job, BulkJson.Default.DeadLetterFilter) is { } filter
        && JobRequest.Find(older, BulkJson.Default.DeadLetterFilter) is { } other
        && filter.MayOverlap(other)
        && DeadLetterRange.Of(filter, job.Position, job.Until).Meets(DeadLetterRange.Of(other, older.Position, older.Until));

    public async Task RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var pace = new Pace(rate, time);
        var after = run.Job.Position is { Length: > 0 } position ? position : null;
        var search = run.Partition.DeadLetters.Search;
        var filter = run.Request(BulkJson.Default.DeadLetterFilter);
        await foreach (var stretch in search.StretchesAsync(filter, after, run.Job.Until, cancellationToken))
        {
            // Also where nothing matches: the reading of many takes longer than the lock lives.
            if (!await run.KeepAsync(cancellationToken)
                || await DecideAsync(run, stretch.Rows, pace, cancellationToken) is not { } skipped
                || !await MoveAsync(run, stretch, skipped, cancellationToken))
                return;
        }
    }

    /// <summary>Whether the job leaves this dead letter as it is.</summary>
    protected abstract bool Skips(DeadLetterRow row);

    /// <summary>Changes one dead letter.</summary>
    protected abstract Task<StepResult> ChangeAsync(JobRun run, DeadLetterRow row, JobStep step, CancellationToken cancellationToken);

    // How many were skipped since the last step; null when the run must end.
    private async Task<int?> DecideAsync(JobRun run, IReadOnlyList<DeadLetterRow> rows, Pace pace, CancellationToken cancellationToken)
    {
        var skipped = 0;
        foreach (var row in rows)
        {
            if (!await run.KeepAsync(cancellationToken))
                return null;
            if (Skips(row))
            {
                skipped++;
                continue;
            }

            await pace.WaitAsync(cancellationToken);
            if (!await DecideAsync(run, row, skipped, cancellationToken))
                return null;
            skipped = 0;
        }

        return skipped;
    }

    // A run that follows begins after what was read, found or not.
    private static async Task<bool> MoveAsync(JobRun run, DeadLetterStretch stretch, int skipped, CancellationToken cancellationToken)
    {
        var position = stretch.Last ?? (skipped > 0 ? stretch.Rows[^1].Id : null);
        return position is null || await run.AdvanceAsync(position, done: 0, skipped, failed: 0, expected: null, cancellationToken);
    }

    // False: the run must end.
    private async Task<bool> DecideAsync(JobRun run, DeadLetterRow row, int skipped, CancellationToken cancellationToken)
    {
        var (result, reason) = await TryAsync(run, row, skipped, cancellationToken);
        while (result == StepResult.Full)
        {
            if (!await run.WaitAsync(reason, cancellationToken))
                return false;
            (result, reason) = await TryAsync(run, row, skipped, cancellationToken);
        }

        if (result == StepResult.Stopped)
        {
            run.Stop();
            return false;
        }

        run.MovedTo(row.Id);
        await run.ContinueAsync(cancellationToken);
        return true;
    }

    private async Task<(StepResult Result, string Reason)> TryAsync(
        JobRun run, DeadLetterRow row, int skipped, CancellationToken cancellationToken)
    {
        try
        {
            return (await ChangeAsync(run, row, run.Step(skipped), cancellationToken), StreamFull);
        }
        catch (Exception e) when (RedisErrors.KindOf(e) == RedisFailure.Full)
        {
            return (StepResult.Full, JobRun.MemoryFull);
        }
    }
}
