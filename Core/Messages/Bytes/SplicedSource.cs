namespace EmailIngestion.Messages.Bytes;

/// <summary>Several sources one after the other, such as a message with some bytes replaced.</summary>
internal sealed class SplicedSource : ByteSource
{
    private readonly ByteSource[] _pieces;
    private readonly long[] _starts;

    private SplicedSource(IEnumerable<ByteSource> pieces)
    {
        _pieces = [.. pieces.Where(piece => piece.Length > 0)];
        _starts = new long[_pieces.Length];
        for (var i = 0; i < _pieces.Length; i++)
        {
            _starts[i] = Length;
            Length += _pieces[i].Length;
        }
    }

    public override long Length { get; }

    /// <summary>Puts pieces one after the other: as a copy when all of them are in memory.</summary>
    public static ByteSource Of(IReadOnlyList<ByteSource> pieces) =>
        pieces.All(piece => piece.IsInMemory) ? Copy(pieces) : new SplicedSource(pieces);

    private static MemorySource Copy(IReadOnlyList<ByteSource> pieces)
    {
        var copy = new byte[pieces.Sum(piece => piece.Length)];
        var at = 0;
        foreach (var piece in pieces)
            at += piece.Read(0, copy.AsSpan(at));
        return new MemorySource(copy);
    }

    public override int Read(long offset, Span<byte> buffer)
    {
        var read = 0;
        for (var i = PieceAt(offset); i < _pieces.Length && read < buffer.Length; i++)
            read += _pieces[i].Read(offset + read - _starts[i], buffer[read..]);
        return read;
    }

    public override void Charge(long bytes, CancellationToken cancellationToken) =>
        _pieces.FirstOrDefault(piece => !piece.IsInMemory)?.Charge(bytes, cancellationToken);

    // A position that is no start is within the piece before.
    private int PieceAt(long offset)
    {
        var found = offset < Length ? Array.BinarySearch(_starts, offset) : _starts.Length;
        return found >= 0 ? found : ~found - 1;
    }
}
