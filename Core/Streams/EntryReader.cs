using System.Buffers.Text;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Finds fields by name without a table or strings. Callers ask in the order in which this product writes the fields, so the next field is
/// usually the right one.
/// </summary>
internal ref struct EntryReader(ReadOnlySpan<NameValueEntry> fields)
{
    private readonly ReadOnlySpan<NameValueEntry> _fields = fields;
    private int _next;

    /// <summary>The value of a field. Null when the entry does not have it.</summary>
    public RedisValue Value(RedisValue name)
    {
        var bytes = ((ReadOnlyMemory<byte>)name).Span;
        for (var i = 0; i < _fields.Length; i++)
        {
            var at = (_next + i) % _fields.Length;
            if (!((ReadOnlyMemory<byte>)_fields[at].Name).Span.SequenceEqual(bytes))
                continue;
            _next = at + 1;
            return _fields[at].Value;
        }

        return RedisValue.Null;
    }

    /// <summary>A field as text. Null when the entry does not have it.</summary>
    public string? Text(RedisValue name)
    {
        var value = Value(name);
        return value.IsNull ? null : value.ToString();
    }

    /// <summary>Reads a field as a whole number. False when it is missing, not a number, or out of range.</summary>
    public bool TryNumber(RedisValue name, long min, long max, out long number)
    {
        var text = ((ReadOnlyMemory<byte>)Value(name)).Span;
        return Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && number >= min && number <= max;
    }
}
