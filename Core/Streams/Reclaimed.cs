namespace EmailIngestion.Streams;

/// <summary>The result of a reclaim.</summary>
/// <param name="Deliveries">The reclaimed deliveries.</param>
/// <param name="PoisonSuspectedNext">The next one is a suspected poison message. Only an exclusive run may reclaim it.</param>
/// <param name="AtEnd">The whole pending list was read.</param>
internal sealed record Reclaimed(IReadOnlyList<Delivery> Deliveries, bool PoisonSuspectedNext, bool AtEnd);
