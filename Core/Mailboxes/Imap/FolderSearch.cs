using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Finds UIDs in an open folder, even if the server's UIDNEXT is wrong or its SEARCH is refused or finds nothing. Blocks.
/// </summary>
internal sealed class FolderSearch(string name, IMailbox mailbox, FolderState state, MailboxMemory memory, ILogger logger)
{
    // An email may be expunged between the two answers, but not in several polls in a row.
    private const int MaxEmptyAnswers = 3;

    // UID FETCH 4294967294:* lists the folder's last email, since all UIDs are below.
    private const uint HighestUid = uint.MaxValue - 1;

    private const int DatesAtATime = 1_000;

    private bool _hasSearched;

    /// <summary>The UIDs above the given one, ascending.</summary>
    /// <param name="uid">The UID.</param>
    /// <param name="announced">Asked first, and once, if the server has announced an email in the folder. It may return null.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="MailboxException">The server reports emails but lists none, in several polls in a row.</exception>
    public IReadOnlyList<uint> After(
        uint uid, Func<uint, CancellationToken, IReadOnlyList<uint>?> announced, CancellationToken cancellationToken)
    {
        var isAnnounced = state.IsContinued && !_hasSearched;
        _hasSearched = true;
        if (!isAnnounced || announced(uid, cancellationToken) is not { } found)
            return After(uid, cancellationToken);
        memory.EmptyAnswers = 0;
        return found;
    }

    /// <summary>The UIDs above the given one, ascending.</summary>
    /// <exception cref="MailboxException">The server reports emails but lists none, in several polls in a row.</exception>
    public IReadOnlyList<uint> After(uint uid, CancellationToken cancellationToken)
    {
        var found = Ask(() => mailbox.SearchAfter(uid, cancellationToken));
        // Without SEARCH the only evidence would be UIDNEXT, so FETCH is used too.
        if (found?.Count > 0 || !(found is null ? state.Exists > 0 && uid < HighestUid : MayHoldMore(uid)))
        {
            memory.EmptyAnswers = 0;
            return found ?? [];
        }

        var listed = mailbox.ListFrom(uid + 1, cancellationToken);
        // Some servers list nothing for a range above their last email. A SEARCH that finds the other emails would also have found those
        // above.
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
                $"The server reports {state.Exists} emails in the folder and the next UID {state.UidNext?.ToString() ?? "unknown"}, "
                + $"but SEARCH and FETCH list none, in {memory.EmptyAnswers} polls.");
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

    /// <summary>The highest UID in the folder; 0 when it is empty. UIDNEXT is not used: some servers report 0, 1 or an old one.</summary>
    /// <exception cref="MailboxException">The server reports emails but lists none.</exception>
    public uint Highest(CancellationToken cancellationToken)
    {
        var found = (Ask(() => mailbox.SearchAfter(0, cancellationToken)) ?? mailbox.ListFrom(1, cancellationToken)).LastOrDefault();
        var listed = mailbox.ListFrom(HighestUid, cancellationToken).LastOrDefault();
        var highest = Math.Max(found, listed);
        return highest > 0 || state.Exists == 0
            ? highest
            : throw new MailboxException($"The server reports {state.Exists} emails in the folder, but SEARCH and FETCH list none.");
    }

    /// <summary>The lowest UID of the emails received on this day or later; null when there is none.</summary>
    public uint? FirstSince(DateOnly day, CancellationToken cancellationToken)
    {
        var found = Ask(() => mailbox.SearchReceived(day, before: null, cancellationToken));
        if (found?.Count > 0)
            return found[0];
        return Dated(found, day, before: null, cancellationToken).Cast<uint?>().FirstOrDefault();
    }

    /// <summary>The UIDs of emails received on the first day or later, and before the second one if there is one, ascending.</summary>
    public IReadOnlyList<uint> Received(DateOnly from, DateOnly? before, CancellationToken cancellationToken)
    {
        var found = Ask(() => mailbox.SearchReceived(from, before, cancellationToken));
        return found?.Count > 0 ? found : [.. Dated(found, from, before, cancellationToken)];
    }

    // When SEARCH finds nothing at all or is refused, the dates are compared here. An email without a date may be of these days.
    private IEnumerable<uint> Dated(
        IReadOnlyList<uint>? found, DateOnly from, DateOnly? before, CancellationToken cancellationToken)
    {
        if (state.Exists == 0 || (found is not null && Ask(() => mailbox.SearchAfter(0, cancellationToken))?.Count > 0))
            return [];
        return mailbox.ListFrom(1, cancellationToken)
            .Chunk(DatesAtATime)
            .SelectMany(uids => mailbox.FetchEnvelopes(uids, cancellationToken).OrderBy(envelope => envelope.Uid))
            .Where(envelope => envelope.Received is not { } received || IsWithin(DateOnly.FromDateTime(received.UtcDateTime)))
            .Select(envelope => envelope.Uid);

        bool IsWithin(DateOnly day) => day >= from && !(day >= before);
    }

    // Returns null when the server refuses SEARCH. The refusal is logged once, not at each poll.
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

    // Only a UIDNEXT right above the UID proves that there are no more emails. A lower one is wrong. A higher one may be due to expunged
    // emails.
    private bool MayHoldMore(uint uid) =>
        state.Exists > 0 && uid < HighestUid && state.UidNext != uid + 1 && memory.NothingAbove != (state, uid);
}
