using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Hosting;

/// <summary>
/// Reads the file of <c>MAILBOXES_FILE</c> every few seconds, and gives its mailboxes to the poller and to the consumer when it says
/// something else. A file with a fault is refused as a whole. Its content decides, not a notification: Kubernetes replaces a mounted file
/// by a link, which notifications miss.
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
    private string? _fault;

    /// <summary>
    /// Reads the file once. One with a fault is tried again each time, since the reason may be outside of it, such as another file that
    /// arrives later. The fault is logged when its text changes.
    /// </summary>
    public async Task CheckAsync()
    {
        try
        {
            var read = settings.Read();
            if (read.Digest == _digest && _fault is null)
                return;
            if ((read.Fault ?? await rules.FaultAsync(read.Mailboxes!) ?? MovedPartition(read.Mailboxes!)) is { } fault)
            {
                if (IsNew(fault))
                    Log.MailboxesRefused(logger, settings.File!, fault);
                return;
            }

            // The consumer first: a new mailbox's emails then have their processors. Both may be repeated after a failure.
            consumer.Change(read.Mailboxes!);
            var (added, changed, removed) = mailboxes.Change(read.Mailboxes!);
            (_digest, _fault) = (read.Digest, null);
            Log.MailboxesChanged(logger, settings.File!, added, changed, removed, read.Mailboxes!.Count);
        }
        catch (Exception e)
        {
            // A fault of this program must not end the process: the former mailboxes stay.
            if (IsNew($"{e.GetType()}: {e.Message}"))
                Log.MailboxesBroken(logger, settings.File!, e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.File is null)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await CheckAsync();
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private bool IsNew(string fault)
    {
        var isNew = fault != _fault;
        _fault = fault;
        return isNew;
    }

    // The cursor is on the partition. On another one the mailbox would begin at StartFrom, and lose or repeat emails.
    private string? MovedPartition(IReadOnlyList<MailboxOptions> next)
    {
        var former = mailboxes.Current.ToDictionary(mailbox => mailbox.Name, mailbox => mailbox.Partition, StringComparer.Ordinal);
        var moved = next.FirstOrDefault(
            mailbox => former.TryGetValue(mailbox.Name, out var partition) && partition != mailbox.Partition);
        return moved is null ? null : $"{moved.Setting}:Partition of {moved.Name} is '{moved.Partition}', and was '{former[moved.Name]}'. "
            + "It cannot change while the process runs: move the mailbox's cursor, then restart (docs/runbook.md).";
    }
}
