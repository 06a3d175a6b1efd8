using System.Buffers;

namespace EmailIngestion.Redis;

/// <summary>
/// Pages for requests that wait to be sent to Redis. The client library copies a request into pages, each twice as large as the one before, and
/// returns them to the pool of the process. That pool keeps one array of each size for each thread: 64 MiB a thread after a large email.
/// </summary>
internal sealed class PagePool : MemoryPool<byte>
{
    /// <summary>The size of a page, in bytes: below it pages are no large objects.</summary>
    public const int PageBytes = 64 * 1024;

    public override int MaxBufferSize => PageBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, PageBytes);
        return Shared.Rent(minBufferSize);
    }

    protected override void Dispose(bool disposing)
    {
        // It owns nothing.
    }
}
