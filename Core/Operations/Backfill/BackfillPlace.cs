using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Backfill;
using EmailIngestion.Operations.Jobs;

namespace EmailIngestion.Operations.Backfill;

/// <summary>The place of a backfill among the connections of an account.</summary>
internal static class BackfillPlace
{
    /// <summary>Waits, and keeps the job's lock meanwhile. Null: the run is stopped.</summary>
    public static async Task<IDisposable?> AcquireAsync(
        JobRun run, Backfills backfills, PolledMailbox mailbox, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var turn = backfills.AcquireAsync(mailbox, giveUp.Token);
        while (!turn.IsCompleted)
        {
            using var granted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var wait = run.WaitAsync("Polls use all connections of this account (Polling:ConnectionsPerServer).", granted.Token);
            await Task.WhenAny(turn, wait);
            await granted.CancelAsync();
            await ((Task)wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!run.IsStopped && !wait.IsFaulted && !cancellationToken.IsCancellationRequested)
                continue;
            await giveUp.CancelAsync();
            await ((Task)turn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (turn.IsCompletedSuccessfully)
                (await turn).Dispose();
            await wait;
            return null;
        }

        return await turn;
    }
}
