namespace EmailIngestion.Messages;

/// <summary>
/// Enumerates the fields of a header block, each with its continuation lines and its line end. The first empty line ends the block.
/// </summary>
internal ref struct HeaderFields(ReadOnlySpan<byte> head)
{
    private readonly ReadOnlySpan<byte> _head = head;
    private int _end;

    /// <summary>The bytes of the field.</summary>
    public Range Current { get; private set; }

    /// <summary>The start of what has not been read, after the loop the end of the block.</summary>
    public readonly int End => _end;

    public readonly HeaderFields GetEnumerator() => this;

    public bool MoveNext()
    {
        var length = Length(_head[_end..]);
        Current = _end..(_end + length);
        _end += length;
        return length > 0;
    }

    private static int Length(ReadOnlySpan<byte> head)
    {
        if (head is [] or [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..])
            return 0;
        var length = 0;
        do
        {
            var newline = head[length..].IndexOf((byte)'\n');
            length = newline < 0 ? head.Length : length + newline + 1;
        }
        while (length < head.Length && head[length] is (byte)' ' or (byte)'\t');
        return length;
    }
}
