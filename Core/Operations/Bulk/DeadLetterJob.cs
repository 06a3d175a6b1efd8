using System.Text.Json;
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
    // Skipped dead letters are counted with the next step, or after so many.
    private const int SkippedAtOnce = 500;

    private const string StreamFull = "The stream is at its limit (Streams:MaxStreamLength).";
    private const string MemoryFull = "Redis has no memory left (maxmemory).";

    public abstract string Kind { get; }

    public string Lane => "dead-letters";

    public async Task RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var pace = new Pace(rate, time);
        var after = run.Job.Position is { Length: > 0 } position ? position : null;
        var (skipped, last) = (0, "");
        await foreach (var row in run.Partition.DeadLetters.Search.WalkAsync(Filter(run.Job), after, run.Job.Until, cancellationToken))
        {
            if (!await run.KeepAsync(cancellationToken))
                return;
            last = row.Id;
            if (Skips(row))
            {
                skipped++;
                if (skipped < SkippedAtOnce)
                    continue;
                if (!await run.AdvanceAsync(last, done: 0, skipped, failed: 0, cancellationToken))
                    return;
            }
            else
            {
                await pace.WaitAsync(cancellationToken);
                if (await DecideAsync(run, row, skipped, cancellationToken) == StepResult.Stopped)
                    return;
            }

            skipped = 0;
        }

        if (skipped > 0)
            await run.AdvanceAsync(last, done: 0, skipped, failed: 0, cancellationToken);
    }

    /// <summary>Whether the job leaves this dead letter as it is.</summary>
    protected abstract bool Skips(DeadLetterRow row);

    /// <summary>Changes one dead letter.</summary>
    protected abstract Task<StepResult> ChangeAsync(JobRun run, DeadLetterRow row, JobStep step, CancellationToken cancellationToken);

    private async Task<StepResult> DecideAsync(JobRun run, DeadLetterRow row, int skipped, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (result, reason) = await TryAsync(run, row, skipped, cancellationToken);
            if (result == StepResult.Stopped)
                run.Stop();
            if (result != StepResult.Full)
            {
                if (result != StepResult.Stopped)
                    await run.ContinueAsync(cancellationToken);
                return result;
            }

            if (!await run.WaitAsync(reason, cancellationToken))
                return StepResult.Stopped;
        }
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
            return (StepResult.Full, MemoryFull);
        }
    }

    private static DeadLetterFilter Filter(Job job)
    {
        try
        {
            return JsonSerializer.Deserialize(job.Filter, BulkJson.Default.DeadLetterFilter)
                ?? throw new JobFailedException("The job has no filter.");
        }
        catch (JsonException e)
        {
            throw new JobFailedException($"The job's filter cannot be read: {e.Message}");
        }
    }
}
