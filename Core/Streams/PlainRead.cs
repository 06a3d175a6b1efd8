namespace EmailIngestion.Streams;

/// <summary>The result of a read without a script.</summary>
/// <param name="Deliveries">The deliveries whose replies arrived.</param>
/// <param name="Lost">Why the reply to a part of the read is lost. Null when all parts were answered.</param>
internal sealed record PlainRead(List<Delivery> Deliveries, Exception? Lost);
