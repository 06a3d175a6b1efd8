using System.Globalization;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>A position in a stream: an entry ID as two numbers, which can be compared.</summary>
internal readonly record struct EntryPosition(ulong Milliseconds, ulong Sequence) : IComparable<EntryPosition>
{
    /// <exception cref="InvalidDataException">It is no ID of an entry.</exception>
    public static EntryPosition Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ulong.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && ulong.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new EntryPosition(milliseconds, sequence)
            : throw new InvalidDataException($"Redis names an entry '{BoundedText.Line(id)}', which is no ID.");
    }

    public int CompareTo(EntryPosition other) =>
        Milliseconds == other.Milliseconds ? Sequence.CompareTo(other.Sequence) : Milliseconds.CompareTo(other.Milliseconds);
}
