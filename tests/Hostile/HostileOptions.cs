namespace EmailIngestion.Hostile;

/// <param name="Seed">The seed of the generators: the same seed makes the same input.</param>
/// <param name="Quick">A short run of each kind, for the gate. Otherwise each kind runs at every size.</param>
/// <param name="Part">The part to run; null: all parts.</param>
internal sealed record HostileOptions(int Seed, bool Quick, string? Part = null);
