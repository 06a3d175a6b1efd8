using System.Globalization;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Finds the cursor to read from: the stored one, or one of a new epoch. An epoch begins without a cursor, after the server has renumbered
/// the folder, and after Redis has lost its data.
/// </summary>
internal sealed class MailboxAligner(
    PolledMailbox mailbox, TimeSpan window, MailboxThreads threads, TimeProvider time, ILogger logger)
{
    /// <summary>The cursor to read from; null when another poll has moved it.</summary>
    public async Task<MailboxCursor?> AlignAsync(
        FolderSearch search, FolderState state, MailboxCursor? cursor, CancellationToken cancellationToken)
    {
        if (mailbox.Memory.Hint is { } hint && IsLost(cursor, hint))
            return await RestoreAsync(search, state, cursor, hint, cancellationToken);
        if (cursor is not null && !await IsRenumberedAsync(search, state, cursor.UidValidity, cursor.Last, threads, cancellationToken))
            return cursor;

        var reach = Reach(cursor?.LastSuccess);
        var last = await threads.RunAsync(() => StartAfter(search, cursor?.First, reach, cancellationToken), cancellationToken);
        var start = new EpochStart(cursor is null ? 0 : cursor.Epoch + 1, state.UidValidity, last, time.GetUtcNow());
        var started = await StartAsync(cursor, start, cancellationToken);
        if (started && cursor is null)
            Log.FirstPoll(logger, mailbox.Name, mailbox.Options.StartFrom, last);
        else if (started)
            Log.Renumbered(logger, mailbox.Name, cursor!.UidValidity, cursor.Last, state.UidValidity, last);
        return await ReadAsync(state, cancellationToken);
    }

    // Redis lost the cursor, or has one that began after this process had seen the mailbox, above the emails known to be settled.
    private static bool IsLost(MailboxCursor? cursor, MailboxHint hint) =>
        cursor is null || (cursor.First > hint.First && cursor.UidValidity == hint.UidValidity && !(cursor.Last <= hint.Settled));

    private async Task<MailboxCursor?> RestoreAsync(
        FolderSearch search, FolderState state, MailboxCursor? cursor, MailboxHint hint, CancellationToken cancellationToken)
    {
        // The same numbering keeps its epoch, so that the emails keep their IDs.
        var isRenumbered = await IsRenumberedAsync(search, state, hint.UidValidity, hint.Last, threads, cancellationToken);
        var epoch = cursor is not null ? Math.Max(cursor.Epoch, hint.Epoch) + 1 : isRenumbered ? hint.Epoch + 1 : hint.Epoch;
        uint last;
        if (!isRenumbered && hint.Settled is { } settled)
        {
            last = settled;
        }
        else
        {
            var reach = hint.SettledAt is { } at ? Day(at) : Reach(hint.LastSuccess);
            last = await threads.RunAsync(() => StartAfter(search, hint.First, reach, cancellationToken), cancellationToken);
            last = isRenumbered ? last : Math.Min(last, hint.Last);
        }

        await mailbox.Stream.EnsureGroupAsync(cancellationToken);
        if (await StartAsync(cursor, new EpochStart(epoch, state.UidValidity, last, hint.First), cancellationToken))
        {
            var warning = Warning(cursor, hint, last);
            Log.CursorLost(logger, warning);
            await mailbox.State.ReportLossAsync(mailbox.Name, warning, cancellationToken);
        }

        return await ReadAsync(state, cancellationToken);
    }

    private string Warning(MailboxCursor? cursor, MailboxHint hint, uint last) =>
        $"{mailbox.Name}: Redis lost its data before {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC. "
        + (cursor is null ? "It has no cursor of this mailbox" : "Another process has started this mailbox again since")
        + $"; the last known UID is {hint.Last} (UIDVALIDITY {hint.UidValidity}). "
        + $"Reading on above UID {last}: emails above it may be processed a second time. "
        + "The dead letters and the IDs of processed emails are lost. "
        + $"If you deleted the cursor on purpose, delete its hint too ({mailbox.Memory.HintPlace}).";

    private async Task<bool> StartAsync(MailboxCursor? cursor, EpochStart start, CancellationToken cancellationToken)
    {
        if (!await mailbox.State.StartEpochAsync(mailbox.Name, cursor, start, cancellationToken))
            return false;
        mailbox.Memory.Start(start, cursor?.LastSuccess);
        return true;
    }

    private async Task<MailboxCursor?> ReadAsync(FolderState state, CancellationToken cancellationToken)
    {
        var cursor = await mailbox.State.ReadCursorAsync(mailbox.Name, cancellationToken);
        return cursor?.UidValidity == state.UidValidity ? cursor : null;
    }

    /// <summary>
    /// Whether the server has renumbered the folder. A UIDNEXT at or below the cursor means that too, unless the folder has an email at or
    /// above the cursor: then UIDNEXT is wrong.
    /// </summary>
    internal static async Task<bool> IsRenumberedAsync(
        FolderSearch search, FolderState state, uint uidValidity, uint last, MailboxThreads threads, CancellationToken cancellationToken) =>
        state.UidValidity != uidValidity
        || (state.UidNext <= last && await threads.RunAsync(() => search.Highest(cancellationToken), cancellationToken) < last);

    private uint StartAfter(FolderSearch search, DateTimeOffset? first, DateOnly? reach, CancellationToken cancellationToken)
    {
        // A renumbering does not add emails from before StartFrom.
        DateOnly? start = mailbox.Options.StartFrom switch
        {
            "all" => null,
            "now" => first is null ? DateOnly.MaxValue : Day(first.Value),
            var day => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        var since = start > reach || reach is null ? start : reach;
        if (since is null)
            return 0;
        if (since == DateOnly.MaxValue)
            return search.Highest(cancellationToken);
        if (search.FirstSince(since.Value, cancellationToken) is { } found)
            return found - 1;
        // The highest email may have arrived after that answer.
        var highest = search.Highest(cancellationToken);
        return search.FirstSince(since.Value, cancellationToken) - 1 ?? highest;
    }

    // Null before the first complete poll: all emails may be unread.
    private DateOnly? Reach(DateTimeOffset? success) => success is { } at ? Day(Earlier(time.GetUtcNow() - window, at)) : null;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    // SEARCH SINCE ignores the time of day and the time zone, so the search begins a day earlier.
    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).AddDays(-1);
}
