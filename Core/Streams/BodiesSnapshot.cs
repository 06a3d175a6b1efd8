using EmailIngestion.Streams.Orphans;

namespace EmailIngestion.Streams;

/// <summary>The bodies of a partition's large emails.</summary>
/// <param name="Count">The bodies that an entry or a dead letter refers to.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Released">The bodies that nothing refers to any more, and that are deleted within some minutes.</param>
/// <param name="Orphans">What the last orphan pass found. Null before the first.</param>
public sealed record BodiesSnapshot(long Count, long Bytes, long Released, OrphanReport? Orphans);
