using System.Buffers;

namespace EmailIngestion.Messages;

/// <summary>Collects the items of a field up to a bound. It copies only after the first change.</summary>
internal ref struct CutField(ReadOnlySpan<byte> field, int bound)
{
    private readonly ReadOnlySpan<byte> _field = field;
    private ArrayBufferWriter<byte>? _kept;
    private int _same;
    private bool _full;

    /// <summary>Adds an item, cut or whole.</summary>
    /// <param name="item">The bytes to keep.</param>
    /// <param name="length">The length of the item in the field.</param>
    public void Add(ReadOnlySpan<byte> item, int length)
    {
        var size = (_kept?.WrittenCount ?? _same) + item.Length;
        if (_kept is null && item.Length == length && size <= bound)
        {
            _same += length;
            return;
        }

        if (_kept is null)
        {
            _kept = new ArrayBufferWriter<byte>(Math.Min(_field.Length, bound));
            _kept.Write(_field[.._same]);
        }

        _full |= size > bound;
        if (!_full)
            _kept.Write(item);
    }

    /// <summary>The cut field with a newline at its end; null when nothing was cut.</summary>
    public readonly byte[]? Result()
    {
        if (_kept is null)
            return null;
        var kept = _kept.WrittenSpan.TrimEnd(" \t\r\n,;"u8);
        // Without any item, the name of the field remains.
        return [.. kept.IsEmpty ? _field[..(_field.IndexOf((byte)':') + 1)] : kept, .. "\r\n"u8];
    }
}
