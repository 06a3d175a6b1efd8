using EmailIngestion.Messages.Bytes;
using MimeKit;

namespace EmailIngestion.Messages.Authentication;

/// <summary>
/// The body of an email as received. MimeKit's own entities may write a body that is not well formed in another way than it came, and its
/// hash would differ.
/// </summary>
internal sealed class RawBody : MimeEntity
{
    private const int Chunk = 64 * 1024;

    private readonly ByteSource _body;
    private readonly CancellationToken _cancellationToken;

    public RawBody(HeaderList? headers, ByteSource body, CancellationToken cancellationToken)
        : base("application", "octet-stream")
    {
        (_body, _cancellationToken) = (body, cancellationToken);
        Headers.Clear();
        foreach (var header in headers ?? [])
            Headers.Add(header);
    }

    public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
    {
        // Nothing is encoded.
    }

    public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
    {
        // In pieces: the filters before the hash copy each piece.
        byte[] piece = _body.IsInMemory ? [] : new byte[Math.Min(Chunk, _body.Length)];
        for (var at = 0L; at < _body.Length; at += Chunk)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (_body.IsInMemory)
                stream.Write(_body.Head(0).Span[(int)at..(int)Math.Min(at + Chunk, _body.Length)]);
            else
                stream.Write(piece, 0, _body.Read(at, piece));
        }
    }
}
