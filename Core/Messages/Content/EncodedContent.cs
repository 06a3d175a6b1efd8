using MimeKit;
using MimeKit.IO;

namespace EmailIngestion.Messages.Content;

/// <summary>The content of a part: a range of the email's bytes and its transfer encoding.</summary>
internal sealed class EncodedContent(ReadOnlyMemory<byte> raw, ContentEncoding encoding) : AttachmentContent
{
    // Kept only as long as memory allows: several attachments of one part (winmail.dat) are opened one after the other.
    private WeakReference<byte[]>? _decoded;
    private byte[]? _kept;

    /// <summary>Whether the bytes of the email are the content without decoding.</summary>
    public bool IsPlain => encoding is not (ContentEncoding.Base64 or ContentEncoding.QuotedPrintable or ContentEncoding.UUEncode);

    public static EncodedContent Of(MimePart part)
    {
        var raw = Raw(part.Content);
        return new EncodedContent(raw, TransferEncoding.Of(part, raw.Span));
    }

    /// <summary>The decoded content; the bytes of the email themselves where they are not encoded.</summary>
    public ReadOnlyMemory<byte> Decoded() => IsPlain ? raw : _kept ?? Decode();

    /// <summary>Keeps the decoded content, so that opening many attachments of the part does not decode it as often.</summary>
    public void Keep() => _kept = IsPlain ? null : Decode();

    /// <summary>The decoded content up to a length; all of it where the bytes are not encoded.</summary>
    public ReadOnlyMemory<byte> DecodedStart(int length)
    {
        if (IsPlain)
            return raw;
        using var stream = Open();
        // The decoded content is never longer than the encoded one.
        var start = new byte[Math.Min(length, raw.Length)];
        return start.AsMemory(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
    }

    public override Stream Open() => IsPlain ? Over(raw) : new DecodingStream(raw, encoding);

    private byte[] Decode()
    {
        if (_decoded is { } known && known.TryGetTarget(out var decoded))
            return decoded;
        using var stream = Open();
        using var copy = new MemoryStream(raw.Length);
        stream.CopyTo(copy);
        decoded = copy.ToArray();
        _decoded = new WeakReference<byte[]>(decoded);
        return decoded;
    }

    // The loader parses from a stream over an array, and the parser keeps ranges of that stream.
    private static ReadOnlyMemory<byte> Raw(IMimeContent? content) => content?.Stream switch
    {
        BoundStream { BaseStream: MemoryStream stream } bound when stream.TryGetBuffer(out var array) =>
            array.AsMemory((int)bound.StartBoundary, (int)(bound.EndBoundary - bound.StartBoundary)),
        MemoryStream stream when stream.TryGetBuffer(out var array) => array,
        null => default,
        _ => throw new InvalidOperationException("The part was not parsed from the bytes of an email."),
    };
}
