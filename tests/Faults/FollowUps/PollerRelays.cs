using EmailIngestion.Servers;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>The connections of one poller to the mail server, by a relay for each mailbox.</summary>
internal sealed class PollerRelays(int port, IReadOnlyList<MailboxPlan> plans) : IDisposable
{
    // What changes a mailbox.
    private const string FollowUpCommand = " UID (MOVE|COPY|STORE|EXPUNGE) ";

    private readonly IReadOnlyList<ImapRelay> _relays = [.. plans.Select(plan => new ImapRelay(port, plan.HidesMove ? ["MOVE"] : []))];

    public int PortOf(int mailbox) => _relays[mailbox].Port;

    /// <summary>
    /// Waits until the server has carried out a follow-up of this poller. Runs an action before the poller hears of it, and cuts the
    /// connection.
    /// </summary>
    /// <returns>The command; null when there was none in time.</returns>
    public async Task<string?> BeforeConfirmationAsync(Func<Task> action, TimeSpan within, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = 0;
        foreach (var relay in _relays)
        {
            relay.CutAfter(FollowUpCommand, async line =>
            {
                if (Interlocked.Exchange(ref isTaken, 1) == 1)
                    return;
                await action();
                done.SetResult(string.Join(' ', line.Split(' ')[1..3]));
            });
        }

        await Task.WhenAny(done.Task, Task.Delay(within, TimeProvider.System, cancellationToken));
        foreach (var relay in _relays)
            relay.CutNoMore();
        return Interlocked.Exchange(ref isTaken, 1) == 1 ? await done.Task : null;
    }

    public void Cut()
    {
        foreach (var relay in _relays)
            relay.Cut();
    }

    public void Dispose()
    {
        foreach (var relay in _relays)
            relay.Dispose();
    }
}
