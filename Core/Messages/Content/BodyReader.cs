using System.Security.Cryptography;
using MimeKit;
using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the text, the HTML and the attachments of an email.</summary>
internal static class BodyReader
{
    private const int MaxTextLength = 1_000_000;

    public static EmailBody Read(EmailConversion email)
    {
        var text = TextBody.Read(email.Mime, TextFormat.Plain, MaxTextLength, email.CancellationToken);
        return new EmailBody
        {
            Text = text,
            TextSource = text is null ? null : Messages.TextSource.Plain,
            Html = TextBody.Read(email.Mime, TextFormat.Html, MaxTextLength, email.CancellationToken),
            Attachments = [.. Attachments(email)],
        };
    }

    private static IEnumerable<ParsedAttachment> Attachments(EmailConversion email)
    {
        var index = 0;
        foreach (var entity in email.Mime.Attachments)
        {
            email.CancellationToken.ThrowIfCancellationRequested();
            var (size, digest) = Measure(entity);
            yield return new ParsedAttachment
            {
                Index = index++,
                FileName = entity.ContentDisposition?.FileName ?? entity.ContentType.Name ?? "",
                ContentType = entity.ContentType.MimeType,
                Size = size,
                Sha256 = digest,
                Source = () => Open(entity),
            };
        }
    }

    private static Stream Open(MimeEntity entity) => entity switch
    {
        MimePart { Content: { } content } => content.Open(),
        _ => Written(entity),
    };

    private static MemoryStream Written(MimeEntity entity)
    {
        var stream = new MemoryStream();
        if (entity is MessagePart { Message: { } message })
            message.WriteTo(stream);
        else
            entity.WriteTo(stream, contentOnly: true);
        stream.Position = 0;
        return stream;
    }

    private static (long Size, string Sha256) Measure(MimeEntity entity)
    {
        using var stream = Open(entity);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[16 * 1024];
        var size = 0L;
        for (int read; (read = stream.Read(buffer)) > 0; size += read)
            hash.AppendData(buffer.AsSpan(0, read));
        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
