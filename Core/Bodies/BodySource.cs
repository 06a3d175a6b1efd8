using System.Buffers;

namespace EmailIngestion.Bodies;

/// <summary>Copies a body's content, and remembers whether it was the source that failed: that is no failure of the store.</summary>
internal sealed class BodySource(Stream content)
{
    private const int BufferBytes = 64 * 1024;

    public bool HasFailed { get; private set; }

    public async Task CopyToAsync(Stream target, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await ReadAsync(buffer, cancellationToken) is var count and > 0)
                await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken);
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }
}
