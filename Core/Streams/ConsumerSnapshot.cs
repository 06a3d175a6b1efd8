namespace EmailIngestion.Streams;

/// <summary>One consumer of the group.</summary>
/// <param name="Name">The consumer's name.</param>
/// <param name="Pending">Deliveries it has not settled.</param>
/// <param name="Idle">Since it last asked for something.</param>
public sealed record ConsumerSnapshot(string Name, long Pending, TimeSpan Idle);
