namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Passes what is written to a sink. MailKit sets its position back to 0 at its end, which changes nothing.</summary>
/// <param name="sink">The sink; null: the bytes are dropped.</param>
internal sealed class SinkStream(BodySink? sink) : Stream
{
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get; set; }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        sink?.Write(buffer);
        _length += buffer.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => 0;

    public override long Seek(long offset, SeekOrigin origin) => Position = 0;

    public override void SetLength(long value)
    {
    }

    public override void Flush()
    {
    }
}
