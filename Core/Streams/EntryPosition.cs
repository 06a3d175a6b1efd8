using System.Globalization;

namespace EmailIngestion.Streams;

/// <summary>A position in a stream: an entry ID as two numbers, which can be compared.</summary>
internal readonly record struct EntryPosition(ulong Milliseconds, ulong Sequence) : IComparable<EntryPosition>
{
    public static EntryPosition Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return new EntryPosition(
            ulong.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), ulong.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    public int CompareTo(EntryPosition other) =>
        Milliseconds == other.Milliseconds ? Sequence.CompareTo(other.Sequence) : Milliseconds.CompareTo(other.Milliseconds);
}
