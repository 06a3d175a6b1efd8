using System.Buffers;

namespace EmailIngestion.Redis;

/// <summary>
/// Rents the pages that hold requests until they are sent to Redis. By default the client library copies a request into pages, each twice
/// as large as the one before, and returns them to the pool of the process. That pool keeps one array of each size for each thread, which
/// is 64 MiB a thread after a large email.
/// </summary>
internal sealed class PagePool : MemoryPool<byte>
{
    /// <summary>The size of a page, in bytes. Pages of this size stay out of the large object heap.</summary>
    public const int PageBytes = 64 * 1024;

    public override int MaxBufferSize => PageBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, PageBytes);
        return Shared.Rent(minBufferSize);
    }

    protected override void Dispose(bool disposing)
    {
        // The pool owns nothing.
    }
}
