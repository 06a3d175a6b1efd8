using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Bulk;

/// <summary>Deletes the dead letters of a filter with their messages.</summary>
internal sealed class PurgeJob(TimeProvider time) : DeadLetterJob(rate: 0, time)
{
    public const string Name = "purge";

    public override string Kind => Name;

    protected override bool Skips(DeadLetterRow row) => false;

    protected override Task<StepResult> ChangeAsync(JobRun run, DeadLetterRow row, JobStep step, CancellationToken cancellationToken) =>
        run.Partition.DeadLetters.DeleteAsync(row.Id, run.Job.Who, step, cancellationToken);
}
