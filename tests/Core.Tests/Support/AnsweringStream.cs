namespace EmailIngestion.Core.Tests.Support;

/// <summary>The other end of a connection. It keeps what is written, and gives its answer in pieces.</summary>
internal sealed class AnsweringStream : MemoryStream
{
    public MemoryStream Answer { get; set; } = new();

    public int Piece { get; set; } = int.MaxValue;

    public override int Read(Span<byte> buffer) => Answer.Read(buffer[..Math.Min(buffer.Length, Piece)]);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
}
