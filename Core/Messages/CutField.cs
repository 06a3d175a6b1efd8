using System.Buffers;

namespace EmailIngestion.Messages;

/// <summary>Collects the items of a field that are kept, up to a bound. Copies only once something is left out.</summary>
internal ref struct CutField(ReadOnlySpan<byte> field, int bound)
{
    private readonly ReadOnlySpan<byte> _field = field;
    private ArrayBufferWriter<byte>? _kept;
    private int _same;
    private bool _full;

    /// <summary>Adds what is kept of an item of that length in the field.</summary>
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

    /// <summary>The field with a newline at its end; null when nothing was left out.</summary>
    public readonly byte[]? Result()
    {
        if (_kept is null)
            return null;
        var kept = _kept.WrittenSpan.TrimEnd(" \t\r\n,;"u8);
        // Where nothing was kept the name of the field still is.
        return [.. kept.IsEmpty ? _field[..(_field.IndexOf((byte)':') + 1)] : kept, .. "\r\n"u8];
    }
}
