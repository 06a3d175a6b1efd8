using EmailIngestion.Servers;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>The connections of one poller to the mail server, by a relay for each mailbox.</summary>
internal sealed class PollerRelays(int port, IReadOnlyList<MailboxPlan> plans) : IDisposable
{
    private readonly IReadOnlyList<ImapRelay> _relays = [.. plans.Select(plan => new ImapRelay(port, [.. plan.Hidden]))];

    public int PortOf(int mailbox) => _relays[mailbox].Port;

    /// <summary>
    /// Cuts the connection that next has a command, on each relay, after the server has carried it out and before the poller hears of it.
    /// </summary>
    /// <param name="pattern">A regular expression for the line of the command.</param>
    /// <param name="before">What is done before the cut. It gets the line.</param>
    public void CutAfter(string pattern, Func<string, Task> before)
    {
        foreach (var relay in _relays)
            relay.CutAfter(pattern, before);
    }

    /// <summary>Takes back <see cref="CutAfter"/> where no such command has come.</summary>
    public void CutNoMore()
    {
        foreach (var relay in _relays)
            relay.CutNoMore();
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
