using System.Runtime.InteropServices;

namespace EmailIngestion.Messages.Bytes;

/// <summary>
/// The part of a message that its scan looks at. A message in memory is one window. Over a longer one the window moves, and grows only for
/// what must be looked at as a whole, such as a header field. Offsets are those of the message.
/// </summary>
internal sealed class ScanWindow
{
    /// <summary>The usual length of a window.</summary>
    public const int UsualLength = 128 * 1024;

    private readonly ByteSource _source;
    private byte[] _buffer = [];
    private ReadOnlyMemory<byte> _window;
    private int _start;

    /// <param name="source">The message.</param>
    /// <param name="length">The length of a window. Tests set a small one.</param>
    public ScanWindow(ByteSource source, int length = UsualLength)
    {
        _source = source;
        Length = checked((int)source.Length);
        // The parser of Content-Type reads arrays only.
        if (!source.IsInMemory)
            Fill(0, length);
        else
            _window = MemoryMarshal.TryGetArray(source.Head(Length), out _) ? source.Head(Length) : source.Head(Length).ToArray();
    }

    /// <summary>The length of the message.</summary>
    public int Length { get; }

    private int End => _start + _window.Length;

    /// <summary>The first bytes of the message.</summary>
    public ReadOnlySpan<byte> Head(int length) => _source.Head(length).Span;

    /// <summary>The bytes of the window from an offset, which must not be before the window.</summary>
    public ReadOnlySpan<byte> From(int at) => _window.Span[(at - _start)..];

    /// <summary>The bytes of the window.</summary>
    public ReadOnlyMemory<byte> Slice(int start, int length) => _window.Slice(start - _start, length);

    /// <summary>Moves the window to an offset, unless it has that many bytes from there.</summary>
    public ReadOnlySpan<byte> Need(int at, int count)
    {
        if (at + count > End && End < Length)
            Fill(at, count);
        return From(at);
    }

    /// <summary>Moves the window to an offset and reads more. False at the end of the message.</summary>
    public bool Move(int at)
    {
        if (End == Length)
            return false;
        Fill(at, End - at + 1);
        return true;
    }

    /// <summary>The end of the line, or of the message. The bytes from an offset on stay in the window.</summary>
    /// <param name="at">Where to begin.</param>
    /// <param name="keep">The first byte that stays.</param>
    /// <param name="most">With more bytes than these from there on, the line is cut.</param>
    public int LineEnd(int at, int keep, int most)
    {
        while (true)
        {
            if (From(at).IndexOf((byte)'\n') is >= 0 and var newline)
                return at + newline + 1;
            at = End;
            if (at == Length || at - keep >= most || !Move(keep))
                return at;
        }
    }

    /// <summary>Bytes at an offset that the window may have passed.</summary>
    public ReadOnlyMemory<byte> Again(int at, int count)
    {
        if (at >= _start && at + count <= End)
            return Slice(at, count);
        var bytes = new byte[count];
        return bytes.AsMemory(0, _source.Read(at, bytes));
    }

    // Keeps what it has from the offset on.
    private void Fill(int at, int count)
    {
        var kept = Math.Max(0, End - at);
        var buffer = _buffer;
        if (count > buffer.Length)
            buffer = new byte[Math.Max(count, 2 * buffer.Length)];
        if (kept > 0)
            From(at).CopyTo(buffer);
        var read = _source.Read(at + kept, buffer.AsSpan(kept, Math.Min(buffer.Length, Length - at) - kept));
        (_buffer, _start, _window) = (buffer, at, buffer.AsMemory(0, kept + read));
        if (End < Length && _window.Length < buffer.Length)
            throw new EndOfStreamException("The message ends early.");
    }
}
