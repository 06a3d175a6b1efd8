using System.Runtime.InteropServices;

namespace EmailIngestion.Messages.Bytes;

/// <summary>Bytes in memory.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    public static MemorySource Empty { get; } = new(default);

    public override long Length => bytes.Length;

    public override bool IsInMemory => true;

    /// <summary>Opens bytes as a stream.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isVisible">Whether the reader may take the array itself.</param>
    public static MemoryStream Open(ReadOnlyMemory<byte> bytes, bool isVisible = false)
    {
        var segment = MemoryMarshal.TryGetArray(bytes, out var array) && array.Array is not null
            ? array
            : new ArraySegment<byte>(bytes.ToArray());
        return new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false, isVisible);
    }

    public override int Read(long offset, Span<byte> buffer)
    {
        var rest = bytes.Span[(int)Math.Min(offset, bytes.Length)..];
        var length = Math.Min(rest.Length, buffer.Length);
        rest[..length].CopyTo(buffer);
        return length;
    }

    public override ReadOnlyMemory<byte> Load(CancellationToken cancellationToken) => bytes;

    public override ReadOnlyMemory<byte> Head(int length) => bytes;

    public override ByteSource Slice(long start, long length) =>
        start == 0 && length == bytes.Length ? this : new MemorySource(bytes.Slice((int)start, (int)length));

    public override Stream Open() => Open(bytes);
}
