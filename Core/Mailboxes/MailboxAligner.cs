using System.Globalization;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>Finds where to read from: the cursor as stored, or of a new epoch when there is none or the server has numbered the folder anew.</summary>
internal sealed class MailboxAligner(MailboxOptions options, TimeSpan window, EmailStream stream, TimeProvider time, ILogger logger)
{
    /// <summary>The cursor to read from; null when another poll has moved it.</summary>
    public async Task<MailboxCursor?> AlignAsync(IMailbox mailbox, FolderState state, MailboxCursor? cursor, CancellationToken cancellationToken)
    {
        var renumbered = cursor is not null && (cursor.UidValidity != state.UidValidity || state.UidNext <= cursor.Last);
        if (cursor is not null && !renumbered)
            return cursor;

        var last = await MailboxThread.RunAsync(() => StartAfter(mailbox, state, cursor, cancellationToken), cancellationToken);
        if (await stream.StartEpochAsync(options.Name, cursor, state.UidValidity, last, cancellationToken))
        {
            if (cursor is null)
                Log.FirstPoll(logger, options.Name, options.StartFrom, last);
            else
                Log.Renumbered(logger, options.Name, cursor.UidValidity, cursor.Last, state.UidValidity, last);
        }

        cursor = await stream.ReadCursorAsync(options.Name, cancellationToken);
        return cursor?.UidValidity == state.UidValidity ? cursor : null;
    }

    private uint StartAfter(IMailbox mailbox, FolderState state, MailboxCursor? former, CancellationToken cancellationToken)
    {
        // What was not ours to read from the start is not on a renumbering either.
        DateOnly? start = options.StartFrom switch
        {
            "all" => null,
            "now" => former is null ? DateOnly.MaxValue : Day(former.First),
            var day => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        // Before any poll had reached the end, all of it may still be unread.
        DateOnly? reach = former?.LastSuccess is { } success ? Day(Earlier(time.GetUtcNow() - window, success)) : null;
        var since = start > reach || reach is null ? start : reach;
        if (since is null)
            return 0;
        var found = since == DateOnly.MaxValue ? [] : mailbox.SearchSince(since.Value, cancellationToken);
        if (found.Count > 0)
            return found[0] - 1;
        return state.UidNext is { } next ? next - 1 : mailbox.SearchAfter(0, cancellationToken).LastOrDefault();
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    // SEARCH SINCE knows no time of day and no zone: a day earlier on that account.
    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).AddDays(-1);
}
