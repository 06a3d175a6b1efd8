using System.Diagnostics.CodeAnalysis;

namespace EmailIngestion.Streams;

/// <summary>
/// Keeps a value for each of the most recent entries. Beyond the limit the oldest is removed. Not safe for concurrent use.
/// </summary>
/// <param name="most">The most entries that are kept.</param>
internal sealed class RecentEntries<TValue>(int most)
{
    private readonly Dictionary<string, TValue> _values = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>The kept values by entry ID.</summary>
    public IEnumerable<KeyValuePair<string, TValue>> All => _values;

    public bool TryGet(string entry, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(entry, out value);

    /// <summary>Keeps a value. False: the entry has one already, which stays.</summary>
    public bool TryAdd(string entry, TValue value)
    {
        if (!_values.TryAdd(entry, value))
            return false;
        _order.Enqueue(entry);
        if (_order.Count > most)
            _values.Remove(_order.Dequeue());
        return true;
    }
}
