using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Hosting;

/// <summary>
/// Reads the file of <c>MAILBOXES_FILE</c> every few seconds, and gives its mailboxes to the poller and to the consumer when it says
/// something else. A file with a fault is refused as a whole. Its content decides, not a notification: Kubernetes replaces a mounted file by
/// a link, which notifications miss.
/// </summary>
internal sealed class MailboxChanges(
    MailboxSettings settings,
    MailboxRules rules,
    MailboxList mailboxes,
    ConsumerRoutes consumer,
    TimeProvider time,
    ILogger<MailboxChanges> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private string? _digest = settings.DigestAtStart;

    /// <summary>Reads the file once.</summary>
    public async Task CheckAsync()
    {
        var read = settings.Read();
        if (read.Digest == _digest)
            return;
        _digest = read.Digest;
        var fault = read.Fault ?? await rules.FaultAsync(read.Mailboxes!);
        if (fault is not null)
        {
            Log.MailboxesRefused(logger, settings.File!, fault);
            return;
        }

        // The consumer first: a new mailbox's emails then have their processors.
        consumer.Change(read.Mailboxes!);
        var (added, changed, removed) = mailboxes.Change(read.Mailboxes!);
        Log.MailboxesChanged(logger, settings.File!, added, changed, removed, read.Mailboxes!.Count);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.File is null)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await CheckSafelyAsync();
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task CheckSafelyAsync()
    {
        try
        {
            await CheckAsync();
        }
        catch (Exception e)
        {
            // A fault of this program must not end the process: the former mailboxes stay.
            Log.MailboxesBroken(logger, settings.File!, e);
        }
    }
}
