using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Core.Tests.Messages.Bytes;

/// <summary>Bytes that are read as if they were outside memory. It counts what is read and charged.</summary>
internal sealed class OutsideSource(byte[] bytes) : ByteSource
{
    private readonly MemorySource _inner = new(bytes);

    public override long Length => bytes.Length;

    /// <summary>The longest read.</summary>
    public int Longest { get; private set; }

    /// <summary>The bytes that were charged.</summary>
    public long Charged { get; private set; }

    public override int Read(long offset, Span<byte> buffer)
    {
        var read = _inner.Read(offset, buffer);
        Longest = Math.Max(Longest, read);
        return read;
    }

    public override void Charge(long bytes, CancellationToken cancellationToken) => Charged += bytes;
}
