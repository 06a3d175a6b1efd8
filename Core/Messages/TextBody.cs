using System.Text;
using MimeKit;
using MimeKit.IO;
using MimeKit.IO.Filters;
using MimeKit.Text;

namespace EmailIngestion.Messages;

/// <summary>Reads the text of an email as MimeKit does, but decodes only the length that is kept.</summary>
internal static class TextBody
{
    // The most bytes of UTF-8 for one UTF-16 character.
    private const int BytesPerCharacter = 3;
    private const int ReadLength = 16 * 1024;

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    private static readonly Encoding Latin1 = Encoding.Latin1;

    /// <summary>Reads at most this many characters of the plain or the HTML text; null when there is none.</summary>
    public static string? Read(MimeMessage mime, TextFormat format, int length, CancellationToken cancellationToken) =>
        Find(mime, format) is { } part ? BoundedText.Cut(Text(part, length, cancellationToken), length) : null;

    // The same rules as MimeMessage.GetTextBody.
    private static TextPart? Find(MimeMessage mime, TextFormat format) => mime.Body switch
    {
        Multipart multipart => multipart.TryGetValue(format, out var part) ? part : null,
        TextPart { IsAttachment: false } part when (format == TextFormat.Html ? part.IsHtml : part.IsPlain) => part,
        _ => null,
    };

    private static string Text(TextPart part, int length, CancellationToken cancellationToken)
    {
        var text = Decode(part, length, cancellationToken);
        if (!part.IsFlowed)
            return text;
        var converter = new FlowedToText();
        if (part.ContentType.Parameters.TryGetValue("delsp", out string? delsp))
            converter.DeleteSpace = string.Equals(delsp, "yes", StringComparison.OrdinalIgnoreCase);
        return converter.Convert(text);
    }

    private static string Decode(TextPart part, int length, CancellationToken cancellationToken)
    {
        if (part.Content is null)
            return "";
        if (!part.TryDetectEncoding(out var encoding, out _))
            encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        try
        {
            return Decode(part.Content, encoding, length, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            return Decode(part.Content, Latin1, length, cancellationToken);
        }
    }

    private static string Decode(IMimeContent content, Encoding encoding, int length, CancellationToken cancellationToken)
    {
        using var decoded = content.Open();
        using var filtered = new FilteredStream(decoded);
        filtered.Add(new CharsetFilter(encoding, Utf8));
        filtered.Add(FormatOptions.Default.NewLineFormat == NewLineFormat.Unix ? new Dos2UnixFilter() : new Unix2DosFilter());
        using var text = new MemoryStream();
        var buffer = new byte[ReadLength];
        while (text.Length < (long)length * BytesPerCharacter)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = filtered.Read(buffer, 0, buffer.Length, cancellationToken);
            if (read == 0)
                break;
            text.Write(buffer, 0, read);
        }

        var bytes = text.GetBuffer().AsSpan(0, (int)text.Length);
        return Utf8.GetString(bytes[..FieldCutter.Whole(bytes, bytes.Length)]);
    }
}
