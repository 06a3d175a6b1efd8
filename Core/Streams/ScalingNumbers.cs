namespace EmailIngestion.Streams;

/// <summary>
/// What the redis-streams triggers of KEDA would read of a partition. A number that such a trigger could not read is null.
/// </summary>
/// <param name="Lag">
/// Entries that were not delivered yet; the length before the group exists. -1 while Redis does not know the lag. Null before Redis 7.
/// </param>
/// <param name="Pending">Entries that were delivered and are not settled. Null before the group exists.</param>
/// <param name="Length">All entries in the stream, including settled ones that are not trimmed yet.</param>
/// <param name="Problems">Why a number is null, a line for each.</param>
public sealed record ScalingNumbers(long? Lag, long? Pending, long? Length, IReadOnlyList<string> Problems);
