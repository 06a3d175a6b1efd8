using EmailIngestion.Messages;

namespace EmailIngestion.Core.Tests.Bodies;

/// <summary>A stream that has some bytes, and then does something that does not return more of them.</summary>
internal sealed class HangingStream(int bytes, Func<CancellationToken, Task> then) : ReadOnlyStream
{
    private int _left = bytes;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
            await then(cancellationToken);
        var read = Math.Min(_left, buffer.Length);
        buffer.Span[..read].Clear();
        _left -= read;
        return read;
    }
}
