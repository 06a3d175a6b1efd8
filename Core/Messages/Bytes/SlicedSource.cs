namespace EmailIngestion.Messages.Bytes;

/// <summary>A part of other bytes.</summary>
internal sealed class SlicedSource(ByteSource inner, long start, long length) : ByteSource
{
    public override long Length => length;

    public override int Read(long offset, Span<byte> buffer) => inner.Read(start + offset, buffer[..Bound(offset, buffer.Length)]);

    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReadAsync(start + offset, buffer[..Bound(offset, buffer.Length)], cancellationToken);

    public override void Charge(long bytes, CancellationToken cancellationToken) => inner.Charge(bytes, cancellationToken);

    public override ByteSource Slice(long from, long count) => new SlicedSource(inner, start + from, count);

    private int Bound(long offset, int count) => (int)Math.Clamp(length - offset, 0, count);
}
