namespace EmailIngestion.Streams;

/// <summary>This Redis cannot keep the promise (it evicts keys, is too old, is a Cluster without partitions): no retry will help.</summary>
public sealed class StreamRefusedException(string message) : Exception(message);
