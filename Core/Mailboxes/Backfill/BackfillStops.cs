namespace EmailIngestion.Mailboxes.Backfill;

/// <summary>Counts how many times in a row a backfill stopped before an email, as the cursor does for polls.</summary>
internal sealed class BackfillStops
{
    /// <summary>The email; null for none.</summary>
    public uint? Uid { get; private set; }

    /// <summary>How many times.</summary>
    public int Count { get; private set; }

    /// <summary>Counts one more stop before an email. Null: it was not the fault of an email.</summary>
    public void Add(uint? uid)
    {
        if (uid is not null)
            (Uid, Count) = (uid, Uid == uid ? Count + 1 : 1);
    }

    /// <summary>Something was appended, or skipped.</summary>
    public void Clear() => (Uid, Count) = (null, 0);
}
