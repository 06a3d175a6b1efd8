namespace EmailIngestion.Streams.Control;

/// <summary>Who changed something at run time, when and why.</summary>
/// <param name="Since">When it was changed.</param>
/// <param name="Who">The name of the key.</param>
/// <param name="Reason">Why; null if nobody said it.</param>
public sealed record ControlMark(DateTimeOffset Since, string Who, string? Reason);
