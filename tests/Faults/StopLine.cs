namespace EmailIngestion.Faults;

/// <summary>What a poller said was outstanding when it stopped at the stream limit.</summary>
/// <param name="Lag">Null: Redis did not know it.</param>
/// <param name="Pending">Delivered and not settled.</param>
/// <param name="Limit">As many may be outstanding.</param>
internal sealed record StopLine(long? Lag, long Pending, long Limit);
