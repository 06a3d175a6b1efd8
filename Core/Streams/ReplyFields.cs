using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The fields of one entry within a reply. As <see cref="EntryReader"/>, it expects them in the order in which this product writes them.
/// </summary>
/// <param name="reply">The bytes of the reply.</param>
/// <param name="places">The place of each field.</param>
internal ref struct ReplyFields(ReadOnlySpan<byte> reply, ReadOnlySpan<ReplyFields.Place> places) : IEntryFields
{
    // CR LF behind each text.
    private const int EndLength = 2;

    private readonly ReadOnlySpan<byte> _reply = reply;
    private readonly ReadOnlySpan<Place> _places = places;
    private int _next;

    /// <summary>Reads the names and values of the next fields, and returns the sum of their lengths.</summary>
    public static long ReadPlaces(ref ReplyReader reader, scoped Span<Place> places)
    {
        var bytes = 0L;
        foreach (ref var place in places)
        {
            var name = reader.ReadText().Length;
            var nameEnd = reader.At - EndLength;
            var value = reader.ReadText().Length;
            place = new Place(nameEnd - name, name, reader.At - EndLength - value, value);
            bytes += name + value;
        }

        return bytes;
    }

    public bool TryFind(RedisValue name, out ReadOnlySpan<byte> value)
    {
        var bytes = ((ReadOnlyMemory<byte>)name).Span;
        for (var i = 0; i < _places.Length; i++)
        {
            var at = _next + i < _places.Length ? _next + i : _next + i - _places.Length;
            var place = _places[at];
            if (place.NameLength != bytes.Length || !_reply.Slice(place.Name, place.NameLength).SequenceEqual(bytes))
                continue;
            _next = at + 1;
            value = _reply.Slice(place.Value, place.ValueLength);
            return true;
        }

        value = default;
        return false;
    }

    public bool TryKeep(RedisValue name, out ReadOnlyMemory<byte> value)
    {
        if (!TryFind(name, out var bytes))
        {
            value = default;
            return false;
        }

        var copy = GC.AllocateUninitializedArray<byte>(bytes.Length);
        bytes.CopyTo(copy);
        value = copy;
        return true;
    }

    /// <summary>Where the name and the value of a field begin in the reply, and their lengths.</summary>
    internal readonly record struct Place(int Name, int NameLength, int Value, int ValueLength);
}
