namespace EmailIngestion.Streams;

/// <summary>How much a stream holds, and how much of it is outstanding.</summary>
/// <param name="Length">Entries, settled ones included.</param>
/// <param name="Outstanding">Lag and pending of the group that has most; the length while its lag is unknown.</param>
/// <param name="Lag">Entries that this group has not been given; null when Redis does not know.</param>
/// <param name="Pending">Entries that are delivered and not settled.</param>
internal readonly record struct StreamLoad(long Length, long Outstanding, long? Lag, long Pending)
{
    /// <summary>
    /// Settled entries that are still there. At most: a lag that is unknown, or higher than can be (a failover before Redis 7.2), is taken for none.
    /// </summary>
    public long Settled => Lag is { } lag && lag + Pending <= Length ? Length - Outstanding : Length - Math.Min(Length, Pending);
}
