namespace EmailIngestion.Streams;

/// <summary>
/// Keeps the sizes of entries that did not fit. A consumer fetches a large body once to learn its size, and again only when it fits.
/// </summary>
internal sealed class EntrySizes
{
    /// <summary>The most sizes that are kept. Beyond it the oldest is removed: its entry may have been processed long ago.</summary>
    public const int Most = 256;

    private readonly RecentEntries<long> _sizes = new(Most);

    /// <summary>The size of an entry in bytes. Null when it is not known.</summary>
    public long? Of(string entry) => _sizes.TryGet(entry, out var bytes) ? bytes : null;

    /// <summary>Keeps the size of an entry that is not small.</summary>
    public void Note(string entry, long bytes)
    {
        if (bytes > ByteBudget.SmallBytes)
            _sizes.TryAdd(entry, bytes);
    }

    /// <summary>The entries that do not fit now.</summary>
    public string[] Without(ByteRoom room) => [.. _sizes.All.Where(known => !room.Fits(known.Value)).Select(known => known.Key)];

    /// <summary>The entries that fit now but must not pass a large one that waits.</summary>
    public string[] Passing(ByteRoom room) =>
        [.. _sizes.All.Where(known => room.Fits(known.Value) && known.Value > room.Large).Select(known => known.Key)];
}
