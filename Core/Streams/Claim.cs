namespace EmailIngestion.Streams;

/// <summary>An entry that a script has claimed for this consumer. Its body has not been fetched yet.</summary>
/// <param name="EntryId">The entry's stream ID.</param>
/// <param name="DeliveryCount">The delivery count.</param>
/// <param name="Owner">The name it was claimed from. This consumer's name when it already owned the entry.</param>
internal readonly record struct Claim(string EntryId, int DeliveryCount, string Owner);
