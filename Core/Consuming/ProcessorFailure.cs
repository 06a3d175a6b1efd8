namespace EmailIngestion.Consuming;

/// <summary>The last failure of the processor.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Error">One line for people.</param>
public sealed record ProcessorFailure(DateTimeOffset At, string Error);
