using EmailIngestion.Mailboxes;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Polls every mailbox of this process, as often as <c>POLL_SCHEDULE</c> says.</summary>
public sealed class PollMailboxesFunction(PollTimer poller)
{
    // No schedule monitor: a poll that was missed is made good by the next, since the cursor knows where the last one ended.
    [Function("PollMailboxes")]
    public Task RunAsync([TimerTrigger("%POLL_SCHEDULE%", UseMonitor = false)] TimerInfo timer, CancellationToken cancellationToken) =>
        poller.FireAsync(cancellationToken);
}
