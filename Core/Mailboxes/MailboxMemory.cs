using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>The state of one mailbox in this process between polls. Polls of one mailbox do not run at the same time.</summary>
internal sealed class MailboxMemory(string mailbox, HintFiles files)
{
    private SettledFloor _floor = new();
    private DateTimeOffset? _floorSince;

    /// <summary>The last known position, from this process or another one; null when there is none.</summary>
    /// <remarks>Another process that shares the folder may have written the first one since.</remarks>
    public MailboxHint? Hint
    {
        get => field ??= files.Read(mailbox);
        private set;
    }

    /// <summary>The location of the hint, for a person who deletes a cursor on purpose.</summary>
    public string HintPlace => files.FileOf(mailbox) ?? "the memory of this process";

    /// <summary>The number of polls in a row in which the server reported emails but listed none.</summary>
    public int EmptyAnswers { get; set; }

    /// <summary>Whether SEARCH has found all emails that FETCH lists so far.</summary>
    public bool SearchIsWorking { get; set; } = true;

    /// <summary>Whether the server has refused a SEARCH.</summary>
    public bool SearchIsRefused { get; set; }

    /// <summary>
    /// The folder's state and the UID above which it had no emails, although its UIDNEXT is higher: those emails are expunged.
    /// </summary>
    public (FolderState State, uint Uid)? NothingAbove { get; set; }

    /// <summary>The number of requests in a row by which <see cref="SmallFetcher"/> gained nothing.</summary>
    public int FailuresAtOnce { get; set; }

    /// <summary>The number of times in a row in which the server did not answer two commands that were sent together.</summary>
    public int FailuresTogether { get; set; }

    /// <summary>Whether an answer about bodies could only be read by MailKit.</summary>
    public bool HasUnreadableAnswers { get; set; }

    /// <summary>Whether the last such request broke the connection, and nothing was fetched by size since.</summary>
    public bool HasBrokenAtOnce { get; set; }

    /// <summary>Begins an epoch, of which nothing is appended yet.</summary>
    /// <param name="start">The start of the epoch.</param>
    /// <param name="success">The time of the last complete poll.</param>
    public void Start(EpochStart start, DateTimeOffset? success)
    {
        _floor = new SettledFloor();
        var first = Hint is { } hint && hint.First < start.First ? hint.First : start.First;
        Keep(new MailboxHint(mailbox, start.Epoch, start.UidValidity, start.Last, start.Last, success, first, success), atOnce: true);
    }

    /// <summary>Notes the progress of appends and consumers.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="last">The last UID that was appended before <paramref name="progress"/> was read.</param>
    /// <param name="progress">The positions of the stream and its groups.</param>
    public void Note(MailboxCursor cursor, uint last, StreamProgress progress)
    {
        if (!progress.Includes(cursor, last))
        {
            _floor = new SettledFloor();
            return;
        }

        // Another process has started the mailbox again since, after a loss. Its stream is another one.
        if (_floorSince != cursor.Since)
            (_floor, _floorSince) = (new SettledFloor(), cursor.Since);
        var known = Hint is { } hint && hint.Epoch == cursor.Epoch && hint.UidValidity == cursor.UidValidity ? hint : null;
        // After a failover the cursor may go back. The stream has lost the entries noted above it.
        var wentBack = last < known?.Last;
        if (known is null || wentBack)
            _floor = new SettledFloor();
        _floor.Add(progress.Last, last, cursor.LastSuccess);
        var settled = (Uid: known?.Settled, At: known?.SettledAt);
        if (wentBack && settled.Uid > last)
            settled = (last, cursor.LastSuccess < settled.At ? cursor.LastSuccess : settled.At);
        if (_floor.Below(progress.Needed) is { } below && !(below.Uid < settled.Uid))
            settled = below;
        Keep(new MailboxHint(mailbox, cursor.Epoch, cursor.UidValidity, last, settled.Uid, settled.At, cursor.First, cursor.LastSuccess));
    }

    /// <summary>Notes the end of a poll.</summary>
    /// <param name="last">The last appended UID.</param>
    /// <param name="success">The time, if the poll reached the end of the mailbox; null otherwise.</param>
    public void End(uint last, DateTimeOffset? success)
    {
        if (Hint is { } hint)
            Keep(hint with { Last = Math.Max(hint.Last, last), LastSuccess = success ?? hint.LastSuccess });
    }

    private void Keep(MailboxHint hint, bool atOnce = false)
    {
        if (hint == Hint)
            return;
        Hint = hint;
        // Without the first hint of an epoch, a Redis that comes back empty looks like a first poll.
        if (atOnce)
            files.WriteAtOnce(hint);
        else
            files.Write(hint);
    }
}
