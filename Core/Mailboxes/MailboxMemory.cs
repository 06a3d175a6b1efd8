using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>What this process remembers of one mailbox from one poll to the next. A mailbox is polled once at a time.</summary>
internal sealed class MailboxMemory(string mailbox, HintFiles files)
{
    private SettledFloor _floor = new();

    /// <summary>Where the mailbox was last known to be, by this process or the one before it; null when neither has seen it.</summary>
    /// <remarks>Another process that shares the folder may have written the first one since.</remarks>
    public MailboxHint? Hint
    {
        get => field ??= files.Read(mailbox);
        private set;
    }

    /// <summary>Where the hint is kept, for the person who deletes a cursor on purpose.</summary>
    public string HintPlace => files.FileOf(mailbox) ?? "the memory of this process";

    /// <summary>How many polls in a row were told that there are emails, and named none.</summary>
    public int EmptyAnswers { get; set; }

    /// <summary>Whether SEARCH has found what FETCH names so far.</summary>
    public bool SearchIsWorking { get; set; } = true;

    /// <summary>Whether the server has refused a SEARCH.</summary>
    public bool SearchIsRefused { get; set; }

    /// <summary>The folder and the UID above which it held nothing, although its UIDNEXT is higher: those emails are expunged.</summary>
    public (FolderState State, uint Uid)? NothingAbove { get; set; }

    /// <summary>An epoch begins: nothing of it is queued.</summary>
    /// <param name="start">What it begins with.</param>
    /// <param name="success">When a poll had last reached the end of the mailbox.</param>
    public void Start(EpochStart start, DateTimeOffset? success)
    {
        _floor = new SettledFloor();
        var first = Hint is { } hint && hint.First < start.First ? hint.First : start.First;
        Keep(new MailboxHint(mailbox, start.Epoch, start.UidValidity, start.Last, start.Last, success, first, success), atOnce: true);
    }

    /// <summary>Notes how far appends and groups have come.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="last">The last UID that was appended before the progress was asked for.</param>
    /// <param name="progress">Where the groups are.</param>
    public void Note(MailboxCursor cursor, uint last, StreamProgress progress)
    {
        var known = Hint is { } hint && hint.Epoch == cursor.Epoch && hint.UidValidity == cursor.UidValidity ? hint : null;
        // After a failover the cursor may go back: what was noted above it is not in the stream any more.
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

    /// <summary>A poll has ended.</summary>
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
