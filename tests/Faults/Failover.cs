namespace EmailIngestion.Faults;

/// <summary>One replica that was made the primary, and what it lacked of what the former primary had taken.</summary>
/// <param name="Number">From 1 on, in the order in which they were seen.</param>
/// <param name="Promoted">When it was first seen to be the primary.</param>
/// <param name="LostFrom">When the former primary was last seen with nothing that the new one lacks.</param>
/// <param name="LostUntil">When somebody was last seen to take writes for the former primary; not before <paramref name="Promoted"/>.</param>
/// <param name="LostBytes">The part of the replication stream that the former primary was seen to be ahead by.</param>
internal sealed record Failover(int Number, DateTimeOffset Promoted, DateTimeOffset LostFrom, DateTimeOffset LostUntil, long LostBytes);
