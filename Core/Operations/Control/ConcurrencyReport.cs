namespace EmailIngestion.Operations.Control;

/// <summary>A concurrency that was set at run time.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Value">The number of emails that each consumer processes at the same time.</param>
/// <param name="Since">Since when.</param>
/// <param name="Who">The name of the key.</param>
public sealed record ConcurrencyReport(string Partition, int Value, DateTimeOffset Since, string Who);
