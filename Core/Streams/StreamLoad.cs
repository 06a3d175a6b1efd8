namespace EmailIngestion.Streams;

/// <summary>How many entries a stream has, and how many are outstanding.</summary>
/// <param name="Length">All entries, settled ones included.</param>
/// <param name="Outstanding">Lag and pending of the group that has the most of both. The length while the lag is unknown.</param>
/// <param name="Lag">Entries that were not delivered to this group. Null when Redis does not know.</param>
/// <param name="Pending">Entries that were delivered and are not settled.</param>
internal readonly record struct StreamLoad(long Length, long Outstanding, long? Lag, long Pending)
{
    /// <summary>
    /// The most settled entries that the stream can still have. A lag that is unknown or impossible (after a failover before Redis 7.2)
    /// counts as 0.
    /// </summary>
    public long Settled => Lag is { } lag && lag + Pending <= Length ? Length - Outstanding : Length - Math.Min(Length, Pending);
}
