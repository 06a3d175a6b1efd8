namespace EmailIngestion.Operations.Status;

/// <summary>What all processes do in a minute, as the mean of the last five full minutes; null without any report.</summary>
/// <param name="AppendsPerMinute">Emails appended.</param>
/// <param name="SettledPerMinute">Emails completed and settled.</param>
/// <param name="DeadLettersPerMinute">Emails dead-lettered.</param>
public sealed record PartitionRates(double? AppendsPerMinute, double? SettledPerMinute, double? DeadLettersPerMinute);
