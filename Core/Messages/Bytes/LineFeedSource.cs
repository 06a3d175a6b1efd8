namespace EmailIngestion.Messages.Bytes;

/// <summary>Other bytes with a line feed in place of each carriage return.</summary>
internal sealed class LineFeedSource(ByteSource inner) : ByteSource
{
    public override long Length => inner.Length;

    public override int Read(long offset, Span<byte> buffer)
    {
        var read = inner.Read(offset, buffer);
        buffer[..read].Replace((byte)'\r', (byte)'\n');
        return read;
    }

    public override void Charge(long bytes, CancellationToken cancellationToken) => inner.Charge(bytes, cancellationToken);
}
