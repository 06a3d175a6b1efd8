using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Waits on an open folder until an email arrives: by IDLE (RFC 2177), or by NOOP every 30 seconds where the server has no IDLE.
/// </summary>
internal sealed class FolderWatch(IOptions<PollingOptions> options, PollBudget budget, TimeProvider time)
{
    private static readonly TimeSpan NoOpInterval = TimeSpan.FromSeconds(30);

    /// <summary>Waits for an email. The connection can be used afterwards, unless an exception ended the wait.</summary>
    /// <param name="session">The connection with the folder open.</param>
    /// <param name="arrived">Called when an email arrives, while the wait is about to end.</param>
    /// <param name="wanted">Ends the wait in an orderly way.</param>
    /// <param name="stopping">Closes the connection at once.</param>
    /// <returns>Whether an email has arrived. False also if the folder has to be opened again, since the server warns.</returns>
    public async Task<bool> WaitAsync(
        ImapSession session, Action arrived, CancellationToken wanted, CancellationToken stopping)
    {
        var folder = session.Folder;
        var count = folder.Count;
        var (hasArrived, isWarned) = (false, false);
        using var reopening = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(wanted, reopening.Token);
        folder.CountChanged += OnCountChanged;
        session.Warned += OnWarned;
        try
        {
            while (!done.IsCancellationRequested)
            {
                // A server that ends IDLE by itself is asked like one that has none.
                if (!session.HasIdle || !await IdleAsync(session, done.Token, stopping))
                    await AskLaterAsync(session, done.Token, stopping);
            }

            return hasArrived;
        }
        finally
        {
            folder.CountChanged -= OnCountChanged;
            session.Warned -= OnWarned;
        }

        void OnCountChanged(object? sender, EventArgs e)
        {
            // A lower count is an expunged email.
            var isHigher = folder.Count > count;
            count = folder.Count;
            if (!isHigher || hasArrived)
                return;
            hasArrived = true;
            done.Cancel();
            arrived();
        }

        // Dovecot only warns when the folder was deleted and created again, and says nothing of the new one. Other servers warn of a quota,
        // perhaps each time, so the folder is not opened again at once.
        void OnWarned()
        {
            if (!isWarned)
                reopening.CancelAfter(NoOpInterval);
            isWarned = true;
        }
    }

    // Servers and firewalls end a connection that is silent for long. Each renewal ends the IDLE and begins the next.
    // Returns whether it lasted until this side ended it.
    private async Task<bool> IdleAsync(ImapSession session, CancellationToken done, CancellationToken stopping)
    {
        using var renewal = new CancellationTokenSource(options.Value.WatchRenewal, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(renewal.Token, done);
        await session.IdleAsync(either.Token, stopping);
        return either.IsCancellationRequested;
    }

    private async Task AskLaterAsync(ImapSession session, CancellationToken done, CancellationToken stopping)
    {
        await Task.Delay(NoOpInterval, time, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
        if (!done.IsCancellationRequested)
            await budget.Threads.RunAsync(() => Check(session, stopping), stopping);
    }

    private static bool Check(ImapSession session, CancellationToken stopping)
    {
        session.Check(stopping);
        return true;
    }
}
