namespace EmailIngestion.Bench.Sides;

/// <summary>What is behind the gate.</summary>
/// <param name="Processor">The name of a built-in processor; null for a processor that does nothing.</param>
internal sealed record GateOptions(string? Processor);
