using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>
/// Does in the mailbox what its settings say about emails whose outcome is settled, over the connection of a poll. A note is removed when
/// the server has confirmed, so what is cut short is repeated; each repetition is harmless.
/// </summary>
internal sealed class FollowUpPass(PolledMailbox mailbox, PollingOptions polling, MailboxThreads threads, TimeProvider time)
{
    /// <summary>From this number of waiting notes on they are carried out before emails are read too.</summary>
    public const int Backlog = 1_000;

    // The emails of one command. Servers that move one by one need some milliseconds for each.
    private const int AtOnce = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly FollowUp _completed = FollowUp.Of(mailbox.Options.AfterProcessing);
    private readonly FollowUp _deadLetter = FollowUp.Of(mailbox.Options.AfterDeadLetter);
    private readonly HashSet<FollowUp> _refused = [];

    private MailboxNotes Notes => mailbox.Stream.Notes;

    /// <summary>Carries out part of a backlog before emails are read. A poll that always ends at its deadline gets no further.</summary>
    public async Task<FollowUpResult?> RunBeforeAsync(IMailbox folder, MailboxCursor cursor, CancellationToken cancellationToken)
    {
        if (!mailbox.Options.HasFollowUps || (await Notes.CountAsync(mailbox.Name, cancellationToken)).Waiting < Backlog)
            return null;
        return await RunAsync(folder, cursor, polling.Deadline / 4, cancellationToken);
    }

    /// <summary>Carries out what waits.</summary>
    /// <param name="folder">The open folder.</param>
    /// <param name="cursor">The cursor, whose numbering the folder has.</param>
    /// <param name="limit">When to begin no more.</param>
    /// <param name="cancellationToken">Cancelled at the poll's deadline.</param>
    /// <returns>Null for a mailbox whose settings ask for nothing.</returns>
    public async Task<FollowUpResult?> RunAsync(
        IMailbox folder, MailboxCursor cursor, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!mailbox.Options.HasFollowUps)
        {
            if (!mailbox.FollowUps.IsDiscarded)
                await Notes.DiscardAsync(mailbox.Name, cancellationToken);
            mailbox.FollowUps.IsDiscarded = true;
            return null;
        }

        var (waiting, unmade) = await Notes.CountAsync(mailbox.Name, cancellationToken);
        var result = new FollowUpResult(Unmade: unmade);
        if (waiting > 0 && time.GetUtcNow() < mailbox.FollowUps.PausedUntil)
            result = result with { IsPaused = true };
        else if (waiting > 0)
            result = await CarryOutAllAsync(folder, cursor, limit, result, cancellationToken);
        if (unmade > 0)
            await Notes.ForgetUnmadeAsync(mailbox.Name, unmade, cancellationToken);
        return result;
    }

    private async Task<FollowUpResult> CarryOutAllAsync(
        IMailbox folder, MailboxCursor cursor, TimeSpan limit, FollowUpResult result, CancellationToken cancellationToken)
    {
        var (started, renewed) = (time.GetTimestamp(), time.GetTimestamp());
        // A later outcome, which a failover may still take back, waits.
        var until = time.GetUtcNow() - polling.FollowUpDelay;
        var skipped = 0;
        try
        {
            while (!cancellationToken.IsCancellationRequested && time.GetElapsedTime(started) < limit)
            {
                var notes = await Notes.ReadAsync(mailbox.Name, until, skipped, AtOnce, cancellationToken);
                if (notes.Count == 0)
                    break;
                var (current, stale) = Split(notes, cursor);
                await RemoveAsync(stale, cancellationToken);
                result = result with { Stale = result.Stale + stale.Count };
                foreach (var group in current.GroupBy(FollowUpOf))
                    result = await CarryOutAsync(folder, cursor, group.Key, [.. group], result, cancellationToken);
                skipped += current.Count(note => _refused.Contains(FollowUpOf(note)));
                if (time.GetElapsedTime(renewed) > MailboxLock.Life / 4)
                {
                    await mailbox.Lock.RenewAsync(cancellationToken);
                    renewed = time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The poll has done its own work. The notes wait for the next one.
            folder.Discard();
        }
        catch (FolderRenumberedException)
        {
            // The next poll begins an epoch, in which the notes are stale.
            folder.Discard();
        }
        catch (MailboxLockLostException)
        {
            // The other poll carries them out.
            folder.Discard();
        }
        catch (MailboxException e) when (e is not MailboxThrottledException)
        {
            folder.Discard();
            result = result with { Error = e.Message };
        }

        CountFailure(result.Error is not null);
        return result;
    }

    private async Task<FollowUpResult> CarryOutAsync(
        IMailbox folder,
        MailboxCursor cursor,
        FollowUp followUp,
        IReadOnlyList<SettledNote> notes,
        FollowUpResult result,
        CancellationToken cancellationToken)
    {
        if (_refused.Contains(followUp))
            return result;
        var carriedOut = new CarriedOut();
        var journal = new CopyJournal(mailbox.State, mailbox.Name, mailbox.Lock, cancellationToken);
        if (followUp.Kind != FollowUpKind.Nothing)
        {
            uint[] uids = [.. notes.Select(note => note.Uid).Distinct().Order()];
            try
            {
                var work = threads.RunAsync(
                    () => folder.CarryOut(followUp, cursor.UidValidity, uids, journal, cancellationToken), cancellationToken);
                carriedOut = await mailbox.Lock.KeepDuringAsync(work, time, cancellationToken);
            }
            catch (FollowUpRefusedException e)
            {
                _refused.Add(followUp);
                var setting = $"{mailbox.Options.Setting ?? "Mailboxes:n"}:{SettingOf(notes[0])}";
                return result with { Error = $"{setting} '{followUp.Text}' is refused: {e.Message}" };
            }
        }

        await RemoveAsync(notes, cancellationToken);
        await journal.EndAsync();
        // Else the watch would take the lower count for a change.
        if (carriedOut.Gone > 0 && mailbox.LastOpened is { } opened)
            mailbox.LastOpened = opened with { Exists = Math.Max(0, opened.Exists - carriedOut.Gone) };
        return result with
        {
            Done = result.Done + (followUp.Kind == FollowUpKind.Nothing ? 0 : notes.Count),
            IsLeftDeleted = result.IsLeftDeleted || carriedOut.IsLeftDeleted,
        };
    }

    private static (IReadOnlyList<SettledNote> Current, IReadOnlyList<SettledNote> Stale) Split(
        IReadOnlyList<SettledNote> notes, MailboxCursor cursor)
    {
        var byNumbering = notes.ToLookup(note => note.UidValidity == cursor.UidValidity && note.Epoch == cursor.Epoch);
        return ([.. byNumbering[true]], [.. byNumbering[false]]);
    }

    // A message that is not in its dead letter is not deleted: the mailbox may have the only copy.
    private FollowUp FollowUpOf(SettledNote note) => note.Outcome switch
    {
        NoteOutcome.Completed => _completed,
        NoteOutcome.DeadLetterWithoutMessage when _deadLetter.Kind == FollowUpKind.Delete => FollowUp.None,
        _ => _deadLetter,
    };

    private static string SettingOf(SettledNote note) =>
        note.Outcome == NoteOutcome.Completed ? nameof(MailboxOptions.AfterProcessing) : nameof(MailboxOptions.AfterDeadLetter);

    private Task RemoveAsync(IReadOnlyList<SettledNote> notes, CancellationToken cancellationToken) =>
        notes.Count == 0 ? Task.CompletedTask : Notes.RemoveAsync(mailbox.Name, notes, cancellationToken);

    // A refusal may cost a connection and a login each time.
    private void CountFailure(bool hasFailed)
    {
        var state = mailbox.FollowUps;
        state.Failures = hasFailed ? state.Failures + 1 : 0;
        if (state.Failures > 1)
            state.PausedUntil = time.GetUtcNow() + Pause;
    }
}
