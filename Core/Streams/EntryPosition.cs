using System.Globalization;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>A position in a stream: an entry ID as two numbers, which can be compared.</summary>
internal readonly record struct EntryPosition(ulong Milliseconds, ulong Sequence) : IComparable<EntryPosition>
{
    /// <exception cref="InvalidDataException">It is no ID of an entry.</exception>
    public static EntryPosition Parse(string id) => TryParse(id, out var position)
        ? position
        : throw new InvalidDataException($"Redis names an entry '{BoundedText.Line(id)}', which is no ID.");

    public static bool TryParse(string id, out EntryPosition position)
    {
        position = default;
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        // ulong.TryParse accepts trailing zero bytes.
        if (dash < 0
            || id.Contains('\0', StringComparison.Ordinal)
            || !ulong.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || !ulong.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return false;
        position = new EntryPosition(milliseconds, sequence);
        return true;
    }

    public int CompareTo(EntryPosition other) =>
        Milliseconds == other.Milliseconds ? Sequence.CompareTo(other.Sequence) : Milliseconds.CompareTo(other.Milliseconds);
}
