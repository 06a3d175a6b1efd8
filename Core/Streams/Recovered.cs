namespace EmailIngestion.Streams;

/// <summary>The result of recovering deliveries whose reply was lost.</summary>
/// <param name="Deliveries">The recovered deliveries.</param>
/// <param name="More">There may be more of them.</param>
internal sealed record Recovered(IReadOnlyList<Delivery> Deliveries, bool More);
