using System.Buffers;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The arrays that bodies lie in. Small ones are the shared pool's. That pool keeps arrays of any size for every thread and processor, which for
/// attachments is hundreds of megabytes: larger ones have a pool of their own that keeps a few, and the largest are left to the collector.
/// </summary>
internal sealed class BodyBuffers
{
    private const int LargestShared = 64 * 1024;
    private const int LargestPooled = 1024 * 1024;
    private const int Kept = 8;

    // At most 8 of each size from 128 KiB to 1 MiB: 15 MiB.
    private readonly ArrayPool<byte> _large = ArrayPool<byte>.Create(LargestPooled, Kept);

    /// <summary>An array of at least this length.</summary>
    public byte[] Rent(int length) => length switch
    {
        <= LargestShared => ArrayPool<byte>.Shared.Rent(length),
        <= LargestPooled => _large.Rent(length),
        _ => GC.AllocateUninitializedArray<byte>(length),
    };

    public void Return(byte[] buffer)
    {
        if (buffer.Length <= LargestShared)
            ArrayPool<byte>.Shared.Return(buffer);
        else if (buffer.Length <= LargestPooled)
            _large.Return(buffer);
    }
}
