namespace EmailIngestion.Consuming;

/// <param name="At">When, UTC.</param>
/// <param name="Error">One line for people.</param>
internal sealed record ProcessorFailure(DateTimeOffset At, string Error);
