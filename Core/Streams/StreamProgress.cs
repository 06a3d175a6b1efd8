namespace EmailIngestion.Streams;

/// <summary>The progress of a stream's groups.</summary>
/// <param name="Needed">The lowest position that a group still needs. Every entry below it is settled.</param>
/// <param name="Last">The position of the last entry that was appended.</param>
internal sealed record StreamProgress(EntryPosition Needed, EntryPosition Last);
