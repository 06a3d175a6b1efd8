namespace EmailIngestion.Streams.Dlq;

/// <summary>The dead letters that one call of a script has read.</summary>
/// <param name="Rows">Those that match; often none.</param>
/// <param name="Read">How many were read.</param>
/// <param name="Last">The last ID that was read; null at the end.</param>
internal sealed record DeadLetterStretch(IReadOnlyList<DeadLetterRow> Rows, int Read, string? Last);
