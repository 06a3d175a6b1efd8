using System.Buffers;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Takes a body of known length into one pooled array. MailKit's own stream has an array for each 2 KiB, and pools only some of them.
/// </summary>
internal sealed class PooledBody : MemoryStream
{
    /// <summary>The longest body for which one is made, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    private byte[]? _buffer;

    private PooledBody(byte[] buffer, int length)
        : base(buffer, 0, length)
    {
        _buffer = buffer;
        SetLength(0);
    }

    public static PooledBody Rent(int length) => new(ArrayPool<byte>.Shared.Rent(length), length);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
