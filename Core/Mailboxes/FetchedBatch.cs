using System.Buffers;

namespace EmailIngestion.Mailboxes;

/// <summary>Emails fetched, ascending by UID, as the server gave them. Their bodies lie in pooled arrays until <see cref="Recycle"/>.</summary>
internal sealed class FetchedBatch
{
    private readonly List<byte[]> _pooled = [];

    public List<FetchedEmail> Emails { get; } = [];

    /// <summary>Reads a body into a pooled array: bodies of all sizes come by the thousand, and those of attachments would each be a large object.</summary>
    public ReadOnlyMemory<byte> Read(Stream body)
    {
        var length = (int)body.Length;
        if (length == 0)
            return default;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        _pooled.Add(buffer);
        body.ReadExactly(buffer, 0, length);
        return buffer.AsMemory(0, length);
    }

    /// <summary>Gives the arrays back. Only after its append has succeeded: one that failed may still be on its way out.</summary>
    public void Recycle()
    {
        foreach (var buffer in _pooled)
            ArrayPool<byte>.Shared.Return(buffer);
        _pooled.Clear();
    }
}
