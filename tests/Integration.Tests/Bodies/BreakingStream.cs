namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A source that fails, or is cancelled, after some bytes.</summary>
internal sealed class BreakingStream(int length, CancellationTokenSource? cancel = null) : Stream
{
    public const string Message = "The mail server has closed the connection.";

    private int _left = length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_left == 0 && cancel is null)
            throw new IOException(Message);
        if (_left == 0)
        {
            cancel!.Cancel();
            cancel.Token.ThrowIfCancellationRequested();
        }

        var read = Math.Min(count, _left);
        _left -= read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
