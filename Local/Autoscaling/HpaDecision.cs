namespace EmailIngestion.Local.Autoscaling;

/// <param name="Replicas">What the HPA sets.</param>
/// <param name="Why">One phrase for people; empty when nothing holds it back.</param>
/// <param name="Desired">What each metric alone asked for, in their order; null for one that could not be read.</param>
/// <param name="History">To be given to the next decision.</param>
internal sealed record HpaDecision(int Replicas, string Why, IReadOnlyList<int?> Desired, HpaHistory History);
