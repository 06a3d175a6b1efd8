namespace EmailIngestion.Streams.Control;

/// <summary>The number of emails that each consumer of a partition processes at the same time, set at run time.</summary>
/// <param name="Value">The number.</param>
/// <param name="Since">When it was set.</param>
/// <param name="Who">The name of the key.</param>
public sealed record ConcurrencyMark(int Value, DateTimeOffset Since, string Who);
