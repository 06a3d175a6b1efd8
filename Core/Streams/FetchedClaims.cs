namespace EmailIngestion.Streams;

/// <summary>The result of fetching claimed entries.</summary>
/// <param name="Deliveries">The deliveries that fit.</param>
/// <param name="Left">At least one claim was released, because it did not fit or was not fetched in time.</param>
internal readonly record struct FetchedClaims(IReadOnlyList<Delivery> Deliveries, bool Left);
