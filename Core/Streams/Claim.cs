namespace EmailIngestion.Streams;

/// <summary>An entry that a script has claimed for this consumer, and whose body is still to be fetched.</summary>
/// <param name="Entry">The entry's stream ID.</param>
/// <param name="Number">The delivery count.</param>
/// <param name="Owner">The name that it was taken from; ours when it was ours already.</param>
internal readonly record struct Claim(string Entry, int Number, string Owner);
