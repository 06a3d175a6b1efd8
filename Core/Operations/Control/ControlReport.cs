namespace EmailIngestion.Operations.Control;

/// <summary>What somebody has changed at run time.</summary>
/// <param name="Paused">The pauses that are in force.</param>
/// <param name="Concurrency">The partitions whose concurrency is not that of the settings.</param>
public sealed record ControlReport(IReadOnlyList<PauseReport> Paused, IReadOnlyList<ConcurrencyReport> Concurrency);
