namespace EmailIngestion.Bench;

/// <summary>A measurement failed. The message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
