using EmailIngestion.Mailboxes;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Polls the mailboxes of this process by the schedule <c>POLL_SCHEDULE</c>.</summary>
public sealed class PollMailboxesFunction(PollTimer poller)
{
    // No schedule monitor: the next poll makes up for a missed one, because it starts at the cursor.
    [Function("PollMailboxes")]
    public Task RunAsync([TimerTrigger("%POLL_SCHEDULE%", UseMonitor = false)] TimerInfo timer, CancellationToken cancellationToken) =>
        poller.FireAsync(cancellationToken);
}
