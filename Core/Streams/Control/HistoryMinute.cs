namespace EmailIngestion.Streams.Control;

/// <summary>What all processes have done in one minute.</summary>
/// <param name="At">The beginning of the minute.</param>
/// <param name="Appended">Emails appended; null: no process has reported this minute.</param>
/// <param name="Settled">Emails completed and settled.</param>
/// <param name="DeadLettered">Emails dead-lettered.</param>
/// <param name="Depth">Outstanding entries at the last report of the minute.</param>
public sealed record HistoryMinute(DateTimeOffset At, long? Appended, long? Settled, long? DeadLettered, long? Depth);
