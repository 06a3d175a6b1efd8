using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Messages.Content;

/// <summary>Content within the content of a part: a file in winmail.dat or in a text. It is taken out each time it is opened.</summary>
/// <param name="part">The content of the part.</param>
/// <param name="range">The range in the decoded content of the part.</param>
/// <param name="decode">Decodes the range; null when the range is the content.</param>
internal sealed class DerivedContent(EncodedContent part, Range range, Func<ReadOnlySpan<byte>, byte[]>? decode = null)
    : AttachmentContent
{
    public override Stream Open()
    {
        var bytes = part.Decoded(CancellationToken.None)[range];
        return MemorySource.Open(decode is null ? bytes : decode(bytes.Span));
    }
}
