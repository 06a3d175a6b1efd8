using EmailIngestion.Mailboxes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Functions;

/// <summary>Polls every mailbox of this process, as often as <c>POLL_SCHEDULE</c> says.</summary>
/// <remarks>Triggers are public, for the worker's generated executor; what they use is not, so they take it from the provider.</remarks>
public sealed class PollMailboxesFunction(IServiceProvider services)
{
    private readonly PollService _polls = services.GetRequiredService<PollService>();

    // No schedule monitor: a poll that was missed is made good by the next, since the cursor knows where the last one ended.
    [Function("PollMailboxes")]
    public Task RunAsync([TimerTrigger("%POLL_SCHEDULE%", UseMonitor = false)] TimerInfo timer, CancellationToken cancellationToken) =>
        _polls.FireAsync(cancellationToken);
}
