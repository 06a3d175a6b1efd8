using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the parts that a mail reader shows in place.</summary>
internal static class InlineTextReader
{
    // Four bytes are the most for a character of most charsets.
    private const int MaxBytes = 4 * BodyReader.MaxTextLength;

    // Text that is data for a program. A mail reader shows any other text as if it were plain (RFC 2046, 4.1.4).
    private static readonly HashSet<string> Data = new(StringComparer.OrdinalIgnoreCase)
    {
        "calendar", "x-vcalendar", "vcard", "x-vcard", "directory", "csv", "x-csv", "comma-separated-values", "tab-separated-values", "rtf",
        "css", "xml", "javascript", "ecmascript", "json", "rfc822-headers", "x-amp-html", "x-amp", "watch-html", "x-watch-html", "uri-list",
        "x-moz-deleted", "x-pgp", "x-sgml", "sgml", "yaml", "vtt",
    };

    /// <summary>Reads a part; null when it is not shown in place.</summary>
    /// <param name="email">The email.</param>
    /// <param name="entity">A part without parts of its own.</param>
    /// <param name="takesNamed">Whether a part with a file name is shown too.</param>
    public static InlineText? Read(EmailConversion email, MimeEntity entity, bool takesNamed)
    {
        // A multipart without a part: its boundary is missing or wrong. What there is is shown as text.
        if (entity is Multipart)
        {
            var content = email.Ranges.Content(entity);
            if (content.IsBlank())
                return null;
            // The scan cuts such a text too: it cannot know that no part follows.
            if (email.Structure.IsCutOutside)
                email.AddTruncated("text");
            return Plain(email, new EncodedContent(content, ContentEncoding.Default), null);
        }

        if (entity is not MimePart part || part.IsAttachment || !IsText(part) || (!takesNamed && PartNames.HasName(part)))
            return null;
        var encoded = EncodedContent.Of(part);
        return part.ContentType.IsMimeType("text", "html") ? Html(encoded, part) : Plain(email, encoded, part);
    }

    private static bool IsText(MimePart part) => part.ContentType switch
    {
        { MediaType: var type, MediaSubtype: var subtype } when type.Equals("text", StringComparison.OrdinalIgnoreCase) =>
            !Data.Contains(subtype),
        // MimeKit's answer to a type that cannot be read. RFC 2045, 5.2: such a part is plain text.
        { MediaType: "application", MediaSubtype: "octet-stream" } => PartTypes.IsUnreadableText(part),
        _ => false,
    };

    private static InlineText Html(EncodedContent encoded, MimePart part)
    {
        var bytes = encoded.DecodedStart(MaxBytes + 1).Span;
        return new InlineText(Decode(PartTypes.Charset(part) ?? HtmlCharset.Find(bytes), Kept(bytes)), isHtml: true)
        {
            IsCut = bytes.Length > MaxBytes,
        };
    }

    private static InlineText Plain(EmailConversion email, EncodedContent encoded, MimePart? part)
    {
        var bytes = encoded.Text(MaxBytes + 1, email.CancellationToken).Span;
        var blocks = Uuencoding.Find(bytes);
        var rest = blocks.Count == 0 ? bytes : Without(bytes, blocks);
        var text = Decode(part is null ? null : PartTypes.Charset(part), Kept(rest));
        if (part is TextPart { IsFlowed: true })
            text = FlowedText.Join(text, "yes".Equals(part.ContentType.Parameters["delsp"], StringComparison.OrdinalIgnoreCase));
        var isEnriched = part is not null && IsEnriched(part.ContentType);
        return new InlineText(isEnriched ? EnrichedText.Read(text) : text, isHtml: false)
        {
            IsOther = part?.ContentType.IsMimeType("text", "plain") == false,
            IsCut = rest.Length > MaxBytes,
            Files = blocks.Count == 0 ? [] : [.. Files(email, encoded, blocks)],
        };
    }

    private static bool IsEnriched(ContentType type) => type.IsMimeType("text", "enriched") || type.IsMimeType("text", "richtext");

    private static IEnumerable<FoundFile> Files(EmailConversion email, EncodedContent encoded, List<UuencodedFile> blocks)
    {
        var text = encoded.Decoded(email.CancellationToken);
        foreach (var block in blocks)
        {
            var name = MailEncoding.Read(null, text.Span[block.Name]);
            yield return new FoundFile
            {
                Name = name.Length > 0 ? name : null,
                ContentType = MimeTypes.GetMimeType(name),
                Content = new DerivedContent(encoded, block.Data, Uuencoding.Decode),
            };
        }
    }

    private static byte[] Without(ReadOnlySpan<byte> text, List<UuencodedFile> blocks)
    {
        var rest = new byte[text.Length];
        var (from, length) = (0, 0);
        foreach (var block in blocks)
        {
            text[from..block.Block.Start.Value].CopyTo(rest.AsSpan(length));
            length += block.Block.Start.Value - from;
            from = block.Block.End.Value;
        }

        text[from..].CopyTo(rest.AsSpan(length));
        return rest[..(length + text.Length - from)];
    }

    private static ReadOnlySpan<byte> Kept(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxBytes ? bytes : bytes[..FieldCutter.Whole(bytes, MaxBytes)];

    // Most text is ASCII, which needs no string between its bytes and its lines.
    private static string Decode(string? charset, ReadOnlySpan<byte> bytes) => MailEncoding.IsAscii(charset, bytes)
        ? LineEnds.ToUnix(bytes)
        : LineEnds.ToUnix(MailEncoding.Read(charset, bytes).TrimStart('\ufeff'));
}
