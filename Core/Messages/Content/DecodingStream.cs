using System.Runtime.InteropServices;
using EmailIngestion.Messages.Bytes;
using MimeKit;
using MimeKit.Encodings;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Decodes the content of a part while it is read. MimeKit's stream ends early where a block of the content has nothing to decode, such as
/// blank lines, and its decoder drops the last bytes of base64 without padding.
/// </summary>
internal sealed class DecodingStream : ReadOnlyStream
{
    private const int BlockLength = 8 * 1024;

    // What a decoder may hold back of the block before.
    private const int HeldBack = 8;

    private static readonly byte[] Padding = "==="u8.ToArray();

    private readonly ByteSource _raw;
    private readonly ArraySegment<byte> _array;
    private readonly IMimeDecoder _decoder;
    private readonly byte[] _decoded;
    private ReadOnlyMemory<byte> _rest;
    private long _at;
    private bool _isPadded;

    /// <param name="raw">The encoded content.</param>
    /// <param name="encoding">Base64, quoted-printable or uuencode.</param>
    public DecodingStream(ByteSource raw, ContentEncoding encoding)
    {
        _raw = raw;
        _array = !raw.IsInMemory ? new byte[BlockLength]
            : MemoryMarshal.TryGetArray(raw.Head(0), out var array) ? array : raw.Head(0).ToArray();
        _decoder = encoding switch
        {
            ContentEncoding.Base64 => new Base64Decoder(),
            ContentEncoding.QuotedPrintable => new QuotedPrintableDecoder(),
            ContentEncoding.UUEncode => new UUDecoder(),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "The content is not encoded."),
        };
        _isPadded = encoding != ContentEncoding.Base64;
        _decoded = new byte[_decoder.EstimateOutputLength((int)Math.Min(BlockLength, raw.Length)) + HeldBack];
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_rest.IsEmpty && DecodeNext())
        {
            // A block may have nothing to decode.
        }

        var length = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..length].CopyTo(buffer);
        _rest = _rest[length..];
        return length;
    }

    // Returns false at the end.
    private bool DecodeNext()
    {
        var length = (int)Math.Min(BlockLength, _raw.Length - _at);
        if (length > 0)
        {
            var start = _raw.IsInMemory ? _array.Offset + (int)_at : 0;
            if (!_raw.IsInMemory)
                length = _raw.Read(_at, _array.AsSpan(0, length));
            _at += length;
            _rest = _decoded.AsMemory(0, _decoder.Decode(_array.Array!, start, length, _decoded));
            return true;
        }

        if (_isPadded)
            return false;
        // After a whole group of four characters, padding alone gives nothing.
        _isPadded = true;
        _rest = _decoded.AsMemory(0, _decoder.Decode(Padding, 0, Padding.Length, _decoded));
        return true;
    }
}
