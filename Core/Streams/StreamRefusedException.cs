namespace EmailIngestion.Streams;

/// <summary>
/// This Redis cannot keep the guarantees: it evicts keys, is too old, or is a Cluster without named partitions. No retry will help.
/// </summary>
public sealed class StreamRefusedException(string message) : Exception(message);
