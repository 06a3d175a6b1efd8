using EmailIngestion.Messages.Bytes;
using MimeKit;
using MimeKit.IO;

namespace EmailIngestion.Messages.Content;

/// <summary>The content of a part: a range of the email's bytes and its transfer encoding.</summary>
internal sealed class EncodedContent(ByteSource raw, ContentEncoding encoding) : AttachmentContent
{
    // Kept only as long as memory allows: several attachments of one part (winmail.dat) are opened one after the other.
    private WeakReference<byte[]>? _decoded;
    private byte[]? _kept;
    private ReadOnlyMemory<byte>? _loaded;

    /// <summary>Whether the bytes of the email are the content without decoding.</summary>
    public bool IsPlain => encoding is not (ContentEncoding.Base64 or ContentEncoding.QuotedPrintable or ContentEncoding.UUEncode);

    public static EncodedContent Of(MimePart part)
    {
        var raw = Raw(part.Content);
        return new EncodedContent(raw, TransferEncoding.Of(part, raw));
    }

    /// <summary>The decoded content in memory; the bytes of the email themselves where they are not encoded and in memory.</summary>
    public ReadOnlyMemory<byte> Decoded(CancellationToken cancellationToken) =>
        IsPlain ? _loaded ??= raw.Load(cancellationToken) : _kept ?? Decode(cancellationToken);

    /// <summary>Keeps the decoded content, so that opening many attachments of the part does not decode it as often.</summary>
    public void Keep(CancellationToken cancellationToken) => _kept = IsPlain ? null : Decode(cancellationToken);

    /// <summary>The decoded content up to a length; all of it where the bytes are in memory and not encoded.</summary>
    public ReadOnlyMemory<byte> DecodedStart(int length)
    {
        if (IsPlain)
            return raw.Head(length);
        using var stream = Open();
        // The decoded content is never longer than the encoded one.
        var start = new byte[Math.Min(length, raw.Length)];
        return start.AsMemory(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
    }

    /// <summary>A text in memory: whole where it may have files in it, else up to a length and perhaps all of it.</summary>
    public ReadOnlyMemory<byte> Text(int length, CancellationToken cancellationToken) =>
        IsPlain && raw.Length > length && Uuencoding.MayBeIn(raw) ? Decoded(cancellationToken) : DecodedStart(length);

    public override Stream Open() => IsPlain ? raw.Open() : new DecodingStream(raw, encoding);

    private byte[] Decode(CancellationToken cancellationToken)
    {
        if (_decoded is { } known && known.TryGetTarget(out var decoded))
            return decoded;
        if (_decoded is null)
            raw.Charge(raw.Length, cancellationToken);
        using var stream = Open();
        using var copy = new MemoryStream(checked((int)raw.Length));
        stream.CopyTo(copy);
        decoded = copy.ToArray();
        _decoded = new WeakReference<byte[]>(decoded);
        return decoded;
    }

    // The loader parses from a stream over an array or another source, and the parser keeps ranges of that stream.
    private static ByteSource Raw(IMimeContent? content) => content?.Stream switch
    {
        BoundStream { BaseStream: MemoryStream stream } bound when stream.TryGetBuffer(out var array) =>
            new MemorySource(array.AsMemory((int)bound.StartBoundary, (int)(bound.EndBoundary - bound.StartBoundary))),
        BoundStream { BaseStream: SourceStream stream } bound =>
            stream.Source.Slice(bound.StartBoundary, bound.EndBoundary - bound.StartBoundary),
        MemoryStream stream when stream.TryGetBuffer(out var array) => new MemorySource(array),
        SourceStream stream => stream.Source,
        null => MemorySource.Empty,
        _ => throw new InvalidOperationException("The part was not parsed from the bytes of an email."),
    };
}
