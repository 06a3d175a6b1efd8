using System.Buffers.Text;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Looks fields up by name without making a table or strings of the names: they are asked for in the order in which we write them, so the next is mostly
/// the one that is asked for.
/// </summary>
internal ref struct EntryReader(ReadOnlySpan<NameValueEntry> fields)
{
    private readonly ReadOnlySpan<NameValueEntry> _fields = fields;
    private int _next;

    /// <summary>Null when there is none.</summary>
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

    public string? Text(RedisValue name)
    {
        var value = Value(name);
        return value.IsNull ? null : value.ToString();
    }

    public bool TryNumber(RedisValue name, long least, long most, out long number)
    {
        var text = ((ReadOnlyMemory<byte>)Value(name)).Span;
        return Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && number >= least && number <= most;
    }
}
