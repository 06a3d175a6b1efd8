namespace EmailIngestion.Streams;

/// <summary>Reads the time of an entry's ID. Another program may append an entry with any ID of two 64-bit numbers.</summary>
internal static class EntryTime
{
    private static readonly DateTimeOffset Latest = DateTimeOffset.FromUnixTimeMilliseconds(CursorFields.LastTime);

    /// <summary>When the entry was appended, UTC. The latest possible time for an ID beyond it.</summary>
    public static DateTimeOffset Of(string entry) => EntryPosition.TryParse(entry, out var position) ? Of(position) : Latest;

    public static DateTimeOffset Of(EntryPosition position) =>
        position.Milliseconds < CursorFields.LastTime ? DateTimeOffset.FromUnixTimeMilliseconds((long)position.Milliseconds) : Latest;
}
