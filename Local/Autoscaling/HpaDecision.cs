namespace EmailIngestion.Local.Autoscaling;

/// <param name="Replicas">The number that the HPA sets.</param>
/// <param name="Why">The reason, in a few words; empty if no limit applies.</param>
/// <param name="Desired">The replicas that each metric alone asks for, in order; null for one that could not be read.</param>
/// <param name="History">The history for the next decision.</param>
internal sealed record HpaDecision(int Replicas, string Why, IReadOnlyList<int?> Desired, HpaHistory History);
