namespace EmailIngestion.Bench;

/// <summary>A measurement could not be made; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
