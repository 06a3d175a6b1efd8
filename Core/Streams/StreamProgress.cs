namespace EmailIngestion.Streams;

/// <summary>How far the groups of a stream have come.</summary>
/// <param name="Needed">The lowest place that a group still needs: everything below it is settled.</param>
/// <param name="Last">The last place that an entry was given.</param>
internal sealed record StreamProgress(EntryPosition Needed, EntryPosition Last);
