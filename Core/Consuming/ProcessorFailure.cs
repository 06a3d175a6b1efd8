namespace EmailIngestion.Consuming;

/// <summary>The last failure of the processor.</summary>
/// <param name="At">The time of the failure, UTC.</param>
/// <param name="Error">The error message, one line.</param>
public sealed record ProcessorFailure(DateTimeOffset At, string Error);
