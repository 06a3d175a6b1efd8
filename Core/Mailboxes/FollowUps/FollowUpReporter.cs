using System.Collections.Concurrent;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>Reports what a poll has done to emails after their outcome: to the log, the metrics and the status in Redis.</summary>
internal sealed class FollowUpReporter(IngestionMetrics metrics, ILogger<PollService> logger)
{
    private readonly ConcurrentDictionary<string, string> _errors = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _leftDeleted = new(StringComparer.Ordinal);

    public async Task ReportAsync(string mailbox, EmailStream stream, FollowUpResult result)
    {
        metrics.FollowedUp(mailbox, result.Done);
        if (result.Done > 0)
            Log.FollowedUp(logger, mailbox, result.Done);
        if (result.Stale > 0)
            Log.StaleNotes(logger, mailbox, result.Stale);
        // Once: it is a property of the server.
        if (result.IsLeftDeleted && _leftDeleted.TryAdd(mailbox, true))
            Log.LeftDeleted(logger, mailbox);
        if (result.Unmade > 0)
        {
            var warning = $"{mailbox}: {result.Unmade} emails stay in the mailbox as they are: {MailboxNotes.Most} of its notes waited.";
            Log.NotesUnmade(logger, warning);
            await stream.Mailboxes.ReportLossAsync(mailbox, warning, CancellationToken.None);
        }

        if (!result.IsPaused)
            await ReportErrorAsync(mailbox, stream, result.Error);
    }

    public void Forget(string mailbox)
    {
        _errors.TryRemove(mailbox, out _);
        _leftDeleted.TryRemove(mailbox, out _);
    }

    // One line, and one write, for each change. The first poll of a process writes in any case.
    private async Task ReportErrorAsync(string mailbox, EmailStream stream, string? error)
    {
        if (error is not null)
            metrics.FollowUpFailed(mailbox);
        var isKnown = _errors.TryGetValue(mailbox, out var known);
        if (isKnown && known == (error ?? ""))
            return;
        await stream.Mailboxes.ReportFollowUpAsync(mailbox, error, CancellationToken.None);
        _errors[mailbox] = error ?? "";
        if (error is not null)
            Log.FollowUpFailed(logger, mailbox, error);
        else if (isKnown)
            Log.FollowUpRecovered(logger, mailbox);
    }
}
