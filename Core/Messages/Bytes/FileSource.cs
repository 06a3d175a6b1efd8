using Microsoft.Win32.SafeHandles;

namespace EmailIngestion.Messages.Bytes;

/// <summary>
/// Bytes in a file that this process alone has. Reads fail with <see cref="ObjectDisposedException"/> once its owner has closed it: then
/// the delivery has ended.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="charge">Charges memory. It waits until there is room.</param>
internal sealed class FileSource(SafeFileHandle file, long length, Action<long, CancellationToken> charge) : ByteSource
{
    private readonly Lock _lock = new();
    private ReadOnlyMemory<byte>? _loaded;

    public override long Length => length;

    public override int Read(long offset, Span<byte> buffer)
    {
        var read = 0;
        for (int count; read < buffer.Length && (count = RandomAccess.Read(file, buffer[read..], offset + read)) > 0;)
            read += count;
        return read;
    }

    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = 0;
        for (int count; read < buffer.Length; read += count)
        {
            count = await RandomAccess.ReadAsync(file, buffer[read..], offset + read, cancellationToken);
            if (count == 0)
                break;
        }

        return read;
    }

    public override void Charge(long bytes, CancellationToken cancellationToken) => charge(bytes, cancellationToken);

    /// <summary>All of the bytes, the same ones at each call. They are charged once, until the delivery ends.</summary>
    public override ReadOnlyMemory<byte> Load(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _loaded ??= base.Load(cancellationToken);
    }
}
