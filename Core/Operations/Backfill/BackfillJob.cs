using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Backfill;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Backfill;

/// <summary>
/// Reads the mail that a mailbox received in some days, beside its polls and below its cursor, which stays where it is. What is in the
/// stream, is a dead letter or was processed lately is skipped.
/// </summary>
internal sealed class BackfillJob(Backfills backfills, TimeProvider time) : IJobKind
{
    public const string Name = "backfill";

    // A process may get the list of mailboxes a little later than the one that was asked. Each wait is longer, about a minute in all.
    private const int MostWaitsForMailbox = 9;

    public string Kind => Name;

    public string Lane => Name;

    // A mailbox has one position of a backfill, and what lets one wait concerns all of them.
    public bool MustFollow(Job job, Job older) =>
        JobRequest.Find(job, BackfillJson.Default.BackfillRequest) is { } request
        && JobRequest.Find(older, BackfillJson.Default.BackfillRequest)?.Mailbox == request.Mailbox;

    public async Task RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var request = run.Request(BackfillJson.Default.BackfillRequest);
        var work = new BackfillRun(run, request, backfills, new MailboxBackOff(time));
        for (var missing = 0; await run.KeepAsync(cancellationToken);)
        {
            if (backfills.Find(request.Mailbox, run.Partition.Name) is { } mailbox)
            {
                if (await work.PassAsync(mailbox, cancellationToken))
                    return;
                missing = 0;
            }
            else if (++missing > MostWaitsForMailbox)
            {
                throw new JobFailedException($"This process ({run.Holder}) does not poll the mailbox '{request.Mailbox}'.");
            }
            else
            {
                await run.WaitAsync("The process that runs this job does not poll the mailbox (yet).", cancellationToken);
            }
        }
    }
}
