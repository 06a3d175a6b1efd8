namespace EmailIngestion.Streams;

/// <summary>
/// Remembers what replies have shown of entries that are not small: whether one may be unread, whether some wait for room, and how large
/// those are. A consumer fetches a large body once to learn its size, and again only when it fits.
/// </summary>
internal sealed class LargeEntries(TimeProvider time)
{
    /// <summary>The most sizes that are kept. Beyond it the oldest is removed: its entry may have been processed long ago.</summary>
    public const int Most = 256;

    private const string Passed = "-";

    // A larger entry that is appended after the question makes one reply larger than it should be. Appending it takes about as long.
    private static readonly TimeSpan ClearFor = TimeSpan.FromMilliseconds(100);

    // After an entry that is not small: others that were appended without a note of it may follow.
    private static readonly TimeSpan CarefulFor = TimeSpan.FromSeconds(10);

    private readonly RecentEntries<long> _sizes = new(Most);
    private long? _clearAt;
    private long? _largeAt;

    /// <summary>
    /// Redis has just reported that only small entries are unread, so that a plain read returns no more than their bytes.
    /// </summary>
    public bool OnlySmallAhead => Unknown == Passed && _clearAt is { } clear && time.GetElapsedTime(clear) < ClearFor
        && (_largeAt is not { } large || time.GetElapsedTime(large) > CarefulFor);

    /// <summary>
    /// Up to this entry, entries may be large without a note of it: an older version or a person appended them. It is an argument of
    /// read.lua, which returns the next one.
    /// </summary>
    public string Unknown { get; set; } = "";

    /// <summary>As far as this consumer knows, entries wait until their bytes fit. A reclaim returns them.</summary>
    public bool Wait { get; private set; }

    /// <summary>The reclaim that is under way has left an entry that did not fit. It takes no large entry behind it.</summary>
    public bool LeftByReclaim { get; private set; }

    /// <summary>The size of an entry in bytes. Null when it is not known.</summary>
    public long? Of(string entry) => _sizes.TryGet(entry, out var bytes) ? bytes : null;

    /// <summary>The entries that do not fit now.</summary>
    public string[] Without(ByteRoom room) => [.. _sizes.All.Where(known => !room.Fits(known.Value)).Select(known => known.Key)];

    /// <summary>The entries that fit now but must not pass a large one that waits.</summary>
    public string[] Passing(ByteRoom room) =>
        [.. _sizes.All.Where(known => room.Fits(known.Value) && known.Value > room.Large).Select(known => known.Key)];

    /// <summary>Keeps the size of an entry that is not small.</summary>
    public void Note(string entry, long bytes)
    {
        if (bytes > ByteBudget.SmallBytes)
            _sizes.TryAdd(entry, bytes);
    }

    /// <summary>Notes what Redis reported about the unread entries.</summary>
    /// <param name="isClear">No large entry is among them.</param>
    /// <param name="asked">When Redis was asked, as a timestamp of the clock.</param>
    public void NoteAhead(bool isClear, long asked) => _clearAt = isClear ? asked : null;

    /// <summary>Notes which of the entries that were just read are large.</summary>
    public void NoteRead(IReadOnlyList<Delivery> read)
    {
        foreach (var delivery in read)
        {
            if (delivery.EntryBytes > ByteBudget.SmallBytes)
                _largeAt = time.GetTimestamp();
        }
    }

    /// <summary>Notes that a read has put aside an entry that does not fit.</summary>
    public void NoteAside(string entry, long bytes, long asked)
    {
        Note(entry, bytes);
        _largeAt = asked;
        Wait = true;
    }

    /// <summary>Notes that an entry was released because the body that it refers to does not fit.</summary>
    public void NoteLeft(string entry, long bytes)
    {
        Note(entry, bytes);
        Wait = true;
    }

    /// <summary>Notes that deliveries of this consumer were released, perhaps because they did not fit.</summary>
    public void NoteReleased() => Wait = true;

    /// <summary>Notes a reclaim. Only one that has read the whole pending list shows that no entry waits.</summary>
    public void NoteReclaim(bool left, bool atEnd)
    {
        LeftByReclaim |= left;
        Wait |= LeftByReclaim;
        if (atEnd)
            (Wait, LeftByReclaim) = (LeftByReclaim, false);
    }
}
