using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Operations.Bulk;

/// <summary>Moves the dead letters of a filter back to the stream.</summary>
internal sealed class ReplayJob(IOptions<OperationsOptions> options, TimeProvider time) : DeadLetterJob(options.Value.ReplayRate, time)
{
    public const string Name = "replay";

    public override string Kind => Name;

    protected override bool Skips(DeadLetterRow row) => row.Replays >= options.Value.MaxReplays;

    protected override async Task<StepResult> ChangeAsync(
        JobRun run, DeadLetterRow row, JobStep step, CancellationToken cancellationToken)
    {
        var (result, _) = await run.Partition.DeadLetters.ReplayAsync(row.Id, run.Job.Who, step, cancellationToken);
        return result switch
        {
            ReplayResult.Full => StepResult.Full,
            ReplayResult.Missing => StepResult.Missing,
            ReplayResult.Bodiless => StepResult.Impossible,
            ReplayResult.Stopped => StepResult.Stopped,
            _ => StepResult.Done,
        };
    }
}
