namespace EmailIngestion.Faults;

/// <summary>The outstanding work that a poller logged when it stopped at the stream limit.</summary>
/// <param name="Lag">Null when Redis did not know the lag.</param>
/// <param name="Pending">Delivered and not settled.</param>
/// <param name="Limit">The stream limit.</param>
internal sealed record StopLine(long? Lag, long Pending, long Limit);
