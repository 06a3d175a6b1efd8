using EmailIngestion.Messages;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A source that fails, or is cancelled, after some bytes.</summary>
internal sealed class BreakingStream(int length, CancellationTokenSource? cancel = null) : ReadOnlyStream
{
    public const string Message = "The mail server has closed the connection.";

    private int _left = length;

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
}
