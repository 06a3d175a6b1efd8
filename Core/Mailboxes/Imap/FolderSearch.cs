using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Finds UIDs in an open folder, also where the server's UIDNEXT is wrong, or where it refuses SEARCH or finds nothing by it. Blocks.
/// </summary>
internal sealed class FolderSearch(string name, IMailbox mailbox, FolderState state, MailboxMemory memory, ILogger logger)
{
    // An email may be expunged between the two answers; not in several polls in a row.
    private const int MaxEmptyAnswers = 3;

    // UID FETCH 4294967294:* names the folder's last email: UIDs end below it.
    private const uint HighestUid = uint.MaxValue - 1;

    private const int DatesAtATime = 1_000;

    /// <summary>The UIDs above the given one, ascending.</summary>
    /// <exception cref="MailboxException">The server says that there are emails and names none, several polls in a row.</exception>
    public IReadOnlyList<uint> After(uint uid, CancellationToken cancellationToken)
    {
        var found = Ask(() => mailbox.SearchAfter(uid, cancellationToken));
        // Without SEARCH, UIDNEXT would be trusted alone: FETCH is asked too.
        if (found?.Count > 0 || !(found is null ? state.Exists > 0 && uid < HighestUid : MayHoldMore(uid)))
        {
            memory.EmptyAnswers = 0;
            return found ?? [];
        }

        var listed = mailbox.ListFrom(uid + 1, cancellationToken);
        // Some servers name nothing by a range above their last email. Where SEARCH finds the others, it would have found what is above.
        if (listed.Count == 0 && uid > 0 && found is not null && memory.SearchIsWorking)
            listed = Ask(() => mailbox.SearchAfter(0, cancellationToken)) ?? [];
        else if (listed.Count == 0 && uid > 0 && found is null && MayHoldMore(uid))
            listed = mailbox.ListFrom(1, cancellationToken);
        if (listed.Count == 0 && !MayHoldMore(uid))
            return [];
        if (listed.Count == 0)
        {
            if (++memory.EmptyAnswers < MaxEmptyAnswers)
                return [];
            throw new MailboxException(
                $"The server says that the folder holds {state.Exists} emails and that the next UID is {state.UidNext?.ToString() ?? "unknown"}, but SEARCH and FETCH name none, in {memory.EmptyAnswers} polls.");
        }

        memory.EmptyAnswers = 0;
        uint[] above = [.. listed.Where(other => other > uid)];
        if (above.Length == 0 && state.UidNext > uid + 1)
            memory.NothingAbove = (state, uid);
        if (above.Length > 0 && found is not null && memory.SearchIsWorking)
        {
            memory.SearchIsWorking = false;
            Log.SearchFindsNothing(logger, name, uid, above.Length);
        }

        return above;
    }

    /// <summary>The highest UID in the folder; 0 when it is empty. UIDNEXT is not asked: servers say 0, 1 or an old one.</summary>
    /// <exception cref="MailboxException">The folder holds emails, and the server names none.</exception>
    public uint Highest(CancellationToken cancellationToken)
    {
        var found = (Ask(() => mailbox.SearchAfter(0, cancellationToken)) ?? mailbox.ListFrom(1, cancellationToken)).LastOrDefault();
        var listed = mailbox.ListFrom(HighestUid, cancellationToken).LastOrDefault();
        var highest = Math.Max(found, listed);
        return highest > 0 || state.Exists == 0
            ? highest
            : throw new MailboxException($"The server says that the folder holds {state.Exists} emails, but SEARCH and FETCH name none.");
    }

    /// <summary>The lowest UID of the emails received on this day or later; null when there is none.</summary>
    public uint? FirstSince(DateOnly day, CancellationToken cancellationToken)
    {
        var found = Ask(() => mailbox.SearchSince(day, cancellationToken));
        if (found?.Count > 0)
            return found[0];
        if (state.Exists == 0 || (found is not null && Ask(() => mailbox.SearchAfter(0, cancellationToken))?.Count > 0))
            return null;
        // SEARCH finds nothing at all, or is refused: the dates tell. An email without one may be of that day.
        return mailbox.ListFrom(1, cancellationToken)
            .Chunk(DatesAtATime)
            .SelectMany(uids => mailbox.FetchEnvelopes(uids, cancellationToken).OrderBy(envelope => envelope.Uid))
            .FirstOrDefault(envelope => envelope.Received is not { } received || DateOnly.FromDateTime(received.UtcDateTime) >= day)?.Uid;
    }

    // Null: the server refuses. Said once, not at each poll.
    private IReadOnlyList<uint>? Ask(Func<IReadOnlyList<uint>> search)
    {
        try
        {
            return search();
        }
        catch (SearchRefusedException e)
        {
            if (!memory.SearchIsRefused)
                Log.SearchRefused(logger, name, e.Answer);
            memory.SearchIsRefused = true;
            return null;
        }
    }

    // Only a UIDNEXT right above says that there is no more; an older one is wrong, and a higher one may mean expunged emails.
    private bool MayHoldMore(uint uid) =>
        state.Exists > 0 && uid < HighestUid && state.UidNext != uid + 1 && memory.NothingAbove != (state, uid);
}
