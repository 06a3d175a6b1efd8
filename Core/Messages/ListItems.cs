namespace EmailIngestion.Messages;

/// <summary>Enumerates the items of a list in a header, each with the separator at its end. Within quotes a separator is text.</summary>
internal ref struct ListItems(ReadOnlySpan<byte> field, byte separator)
{
    private readonly ReadOnlySpan<byte> _field = field;
    private readonly byte _separator = separator;
    private int _end;

    public Range Current { get; private set; }

    public readonly ListItems GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_end >= _field.Length)
            return false;
        var start = _end;
        var quoted = false;
        for (; _end < _field.Length; _end++)
        {
            var at = _field[_end..].IndexOfAny(_separator, (byte)'"', (byte)'\\');
            if (at < 0)
            {
                _end = _field.Length;
                break;
            }

            _end += at;
            if (_field[_end] == (byte)'\\')
                _end++;
            else if (_field[_end] == (byte)'"')
                quoted = !quoted;
            else if (!quoted)
                break;
        }

        _end = Math.Min(_end + 1, _field.Length);
        Current = start.._end;
        return true;
    }
}
