using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Finds fields by name without a table or strings. Callers ask in the order in which this product writes the fields, so the next field is
/// usually the right one.
/// </summary>
internal ref struct EntryReader(ReadOnlySpan<NameValueEntry> fields) : IEntryFields
{
    private readonly ReadOnlySpan<NameValueEntry> _fields = fields;
    private int _next;

    public bool TryFind(RedisValue name, out ReadOnlySpan<byte> value)
    {
        var found = TryKeep(name, out var kept);
        value = kept.Span;
        return found;
    }

    public bool TryKeep(RedisValue name, out ReadOnlyMemory<byte> value)
    {
        var bytes = ((ReadOnlyMemory<byte>)name).Span;
        for (var i = 0; i < _fields.Length; i++)
        {
            var at = (_next + i) % _fields.Length;
            if (!((ReadOnlyMemory<byte>)_fields[at].Name).Span.SequenceEqual(bytes))
                continue;
            _next = at + 1;
            value = (ReadOnlyMemory<byte>)_fields[at].Value;
            return !_fields[at].Value.IsNull;
        }

        value = default;
        return false;
    }
}
