namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Searches for UIDs so that no answer is larger than a folder can make it. Pure.</summary>
internal static class UidSearch
{
    /// <summary>The most UIDs that are kept of one mailbox, 16 MB of them.</summary>
    public const int MostInAll = 4_000_000;

    /// <summary>
    /// The UIDs above one, ascending; null when there are more than may be. In one search, or in as many as a folder of this size needs.
    /// </summary>
    /// <param name="uid">The UID to go on from, below the highest there is.</param>
    /// <param name="exists">How many emails the folder holds.</param>
    /// <param name="next">UIDNEXT; null or 0: not known.</param>
    /// <param name="search">Finds the UIDs of a range; the highest UID there is stands for *.</param>
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

    /// <summary>Ascending and each once; null when there are more than may be. A range is never expanded further than that.</summary>
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
