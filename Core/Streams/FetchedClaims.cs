namespace EmailIngestion.Streams;

/// <param name="Deliveries">What fitted.</param>
/// <param name="Left">Something was released, because it did not fit or was not fetched in time.</param>
internal readonly record struct FetchedClaims(IReadOnlyList<Delivery> Deliveries, bool Left);
