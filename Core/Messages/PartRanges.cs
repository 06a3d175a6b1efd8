using EmailIngestion.Messages.Bytes;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>
/// Where the content of some parts is in the bytes of an email: attached emails, and multiparts without parts. MimeKit keeps these as
/// objects only. Written again they would not be byte for byte what the sender sent.
/// </summary>
internal sealed class PartRanges
{
    private Dictionary<MimeEntity, ByteSource>? _ranges;

    /// <summary>The content of a part; empty when it is not known.</summary>
    public ByteSource Content(MimeEntity entity) => _ranges?.GetValueOrDefault(entity) ?? MemorySource.Empty;

    /// <summary>Keeps the range of a part that has just been parsed, if it is one of these.</summary>
    /// <param name="raw">The bytes that are parsed.</param>
    /// <param name="part">The part and its offsets.</param>
    public void Add(ByteSource raw, MimeEntityEndEventArgs part)
    {
        if (part.Entity is not (MessagePart or Multipart { Count: 0 }))
            return;
        var (start, end) = (Math.Min(part.HeadersEndOffset, raw.Length), Math.Min(part.EndOffset, raw.Length));
        (_ranges ??= [])[part.Entity] = raw.Slice(start, end - start);
    }
}
