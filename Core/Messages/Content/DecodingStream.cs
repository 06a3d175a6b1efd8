using System.Runtime.InteropServices;
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

    private readonly ArraySegment<byte> _raw;
    private readonly IMimeDecoder _decoder;
    private readonly byte[] _decoded;
    private ReadOnlyMemory<byte> _rest;
    private int _at;
    private bool _isPadded;

    /// <param name="raw">The encoded content.</param>
    /// <param name="encoding">Base64, quoted-printable or uuencode.</param>
    public DecodingStream(ReadOnlyMemory<byte> raw, ContentEncoding encoding)
    {
        _raw = MemoryMarshal.TryGetArray(raw, out var array) ? array : new ArraySegment<byte>(raw.ToArray());
        _decoder = encoding switch
        {
            ContentEncoding.Base64 => new Base64Decoder(),
            ContentEncoding.QuotedPrintable => new QuotedPrintableDecoder(),
            ContentEncoding.UUEncode => new UUDecoder(),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "The content is not encoded."),
        };
        _isPadded = encoding != ContentEncoding.Base64;
        _decoded = new byte[_decoder.EstimateOutputLength(Math.Min(BlockLength, _raw.Count)) + HeldBack];
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
        var (source, start, length) = (_raw.Array!, _raw.Offset + _at, Math.Min(BlockLength, _raw.Count - _at));
        if (length == 0)
        {
            if (_isPadded)
                return false;
            // After a whole group of four characters, padding alone gives nothing.
            (source, start, length, _isPadded) = (Padding, 0, Padding.Length, true);
        }
        else
        {
            _at += length;
        }

        _rest = _decoded.AsMemory(0, _decoder.Decode(source, start, length, _decoded));
        return true;
    }
}
