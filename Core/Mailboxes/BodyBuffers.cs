using System.Buffers;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Provides arrays for bodies. Small arrays come from the shared pool. The shared pool keeps arrays of any size for every thread and
/// processor, which would be hundreds of megabytes for attachments. So larger arrays come from a separate pool that keeps a few, and the
/// largest are left to the garbage collector.
/// </summary>
internal sealed class BodyBuffers
{
    private const int LargestShared = 64 * 1024;
    private const int LargestPooled = 1024 * 1024;
    private const int Kept = 8;

    // At most 8 of each size from 128 KiB to 1 MiB: 15 MiB.
    private readonly ArrayPool<byte> _large = ArrayPool<byte>.Create(LargestPooled, Kept);

    /// <summary>Rents an array of at least this length.</summary>
    public byte[] Rent(int length) => length switch
    {
        <= LargestShared => ArrayPool<byte>.Shared.Rent(length),
        <= LargestPooled => _large.Rent(length),
        _ => GC.AllocateUninitializedArray<byte>(length),
    };

    /// <summary>Returns an array to its pool.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length <= LargestShared)
            ArrayPool<byte>.Shared.Return(buffer);
        else if (buffer.Length <= LargestPooled)
            _large.Return(buffer);
    }
}
