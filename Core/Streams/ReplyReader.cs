using System.Buffers.Text;

namespace EmailIngestion.Streams;

/// <summary>
/// Reads the bytes of a reply in the protocol RESP2: arrays of texts, numbers and arrays. It copies nothing, and every length is checked
/// against what is left.
/// </summary>
/// <param name="reply">One complete reply.</param>
internal ref struct ReplyReader(ReadOnlySpan<byte> reply)
{
    private readonly ReadOnlySpan<byte> _reply = reply;

    /// <summary>The place of the next byte.</summary>
    public int At { get; private set; }

    /// <summary>Reads the start of an array and returns its length. -1 for nil.</summary>
    /// <exception cref="InvalidDataException">Something else comes next.</exception>
    public int ReadArray() => IsNil() ? -1 : ReadLength((byte)'*');

    /// <summary>Reads a text and returns its bytes.</summary>
    /// <exception cref="InvalidDataException">Something else comes next.</exception>
    public ReadOnlySpan<byte> ReadText()
    {
        var length = ReadLength((byte)'$');
        var text = _reply.Slice(At, length);
        At += length;
        ReadEnd();
        return text;
    }

    /// <exception cref="InvalidDataException">Bytes are left.</exception>
    public readonly void ReadNoMore()
    {
        if (At < _reply.Length)
            throw Unexpected();
    }

    // Both forms of nil: of an array and of a text.
    private bool IsNil()
    {
        var rest = _reply[At..];
        if (!rest.StartsWith("*-1\r\n"u8) && !rest.StartsWith("$-1\r\n"u8))
            return false;
        At += 5;
        return true;
    }

    // An element has at least a byte, so a length is never more than what is left.
    private int ReadLength(byte type)
    {
        var rest = _reply[At..];
        if (rest.IsEmpty || rest[0] != type || !Utf8Parser.TryParse(rest[1..], out int length, out var digits))
            throw Unexpected();
        At += 1 + digits;
        ReadEnd();
        return length >= 0 && length <= _reply.Length - At ? length : throw Unexpected();
    }

    private void ReadEnd()
    {
        if (_reply.Length - At < 2 || _reply[At] != '\r' || _reply[At + 1] != '\n')
            throw Unexpected();
        At += 2;
    }

    private readonly InvalidDataException Unexpected() => new($"Redis's reply is not an array of entries at byte {At} of {_reply.Length}.");
}
