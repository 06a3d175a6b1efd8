namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Searches for UIDs in ranges, so that the size of each answer is bounded. Pure.</summary>
internal static class UidSearch
{
    /// <summary>The most UIDs kept for one mailbox: 16 MB.</summary>
    public const int MostInAll = 4_000_000;

    /// <summary>
    /// The UIDs above the given one, ascending; null when there are more than <see cref="MostInAll"/>. A small folder takes one search, a
    /// large one several.
    /// </summary>
    /// <param name="uid">The UID to continue from, below <see cref="uint.MaxValue"/>.</param>
    /// <param name="exists">The number of emails in the folder.</param>
    /// <param name="next">UIDNEXT; null or 0 when it is unknown.</param>
    /// <param name="search">Finds the UIDs of a range. <see cref="uint.MaxValue"/> stands for *.</param>
    public static IReadOnlyList<uint>? After(uint uid, uint exists, uint? next, Func<uint, uint, uint[]> search)
    {
        if (exists <= ResponseLimits.MostListed)
            return search(uid + 1, uint.MaxValue);
        var found = new List<uint>();
        var last = next > 0 ? next.Value - 1 : uint.MaxValue - 1;
        for (ulong from = uid + 1ul; from <= last; from += ResponseLimits.MostListed)
        {
            found.AddRange(search((uint)from, (uint)Math.Min(from + ResponseLimits.MostListed - 1, last)));
            if (found.Count > MostInAll)
                return null;
        }

        return found;
    }

    /// <summary>
    /// Sorts UIDs and removes duplicates; null when there are more than <paramref name="most"/>. It reads no further than that.
    /// </summary>
    public static uint[]? Bounded(IEnumerable<uint> found, long most)
    {
        var uids = new List<uint>();
        foreach (var uid in found)
        {
            if (uids.Count == most)
                return null;
            uids.Add(uid);
        }

        uids.Sort();
        var kept = 0;
        for (var i = 0; i < uids.Count; i++)
        {
            if (kept == 0 || uids[i] != uids[kept - 1])
                uids[kept++] = uids[i];
        }

        uids.RemoveRange(kept, uids.Count - kept);
        return [.. uids];
    }
}
