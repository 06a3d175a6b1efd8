namespace EmailIngestion.Faults;

/// <summary>The promotion of one replica, and the writes of the former primary that it lacked.</summary>
/// <param name="Number">The number of the failover, from 1, in the order in which they were seen.</param>
/// <param name="Promoted">The time at which it was first seen as the primary.</param>
/// <param name="LostFrom">The last time at which the former primary was seen without a write that the new one lacks.</param>
/// <param name="LostUntil">
/// The last time at which a node was seen to accept writes as the former primary; not before <paramref name="Promoted"/>.
/// </param>
/// <param name="LostBytes">The bytes of the replication stream by which the former primary was ahead.</param>
internal sealed record Failover(int Number, DateTimeOffset Promoted, DateTimeOffset LostFrom, DateTimeOffset LostUntil, long LostBytes);
