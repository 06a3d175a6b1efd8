namespace EmailIngestion.Hostile;

/// <param name="Seed">What the generators start from: the same seed makes the same input.</param>
/// <param name="Quick">A short run of each kind, for the gate; else each kind at every size.</param>
/// <param name="Part">The part to run; null: all of them.</param>
internal sealed record HostileOptions(int Seed, bool Quick, string? Part = null);
