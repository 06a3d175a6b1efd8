using System.Runtime.InteropServices;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>MIME to message, pure. Lenient as mail readers are: whatever MimeKit can read at all is an email.</summary>
public static class MimeConverter
{
    private const int MaxTextLength = 1_000_000;

    /// <exception cref="FormatException">The bytes are not a message in any reading.</exception>
    public static MimeMessage Parse(ReadOnlyMemory<byte> raw, CancellationToken cancellationToken = default)
    {
        if (raw.IsEmpty)
            return new MimeMessage();
        var segment = MemoryMarshal.TryGetArray(raw, out var array) ? array : new ArraySegment<byte>(raw.ToArray());
        var stream = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        // Persistent: parts are read from the bytes that are there already instead of being copied out of them.
        try
        {
            return new MimeParser(ParserOptions.Default, stream, MimeFormat.Entity, persistent: true).ParseMessage(cancellationToken);
        }
        catch (FormatException)
        {
            return BodyOnly(segment);
        }
    }

    /// <summary>The parsed email as processors and their receivers read it.</summary>
    public static ParsedEmail Convert(EmailMessage message, CancellationToken cancellationToken = default)
    {
        var mime = message.Parse(cancellationToken);
        return new ParsedEmail
        {
            Id = message.Id.ToString(),
            Mailbox = message.Mailbox,
            UidValidity = message.UidValidity,
            Uid = message.Uid,
            MessageId = mime.MessageId ?? "",
            InReplyTo = mime.InReplyTo ?? "",
            From = Addresses(mime.From),
            To = Addresses(mime.To),
            Cc = Addresses(mime.Cc),
            ReplyTo = Addresses(mime.ReplyTo),
            Subject = mime.Subject ?? "",
            Received = message.Date,
            Sent = mime.Headers.Contains(HeaderId.Date) && mime.Date != default ? mime.Date : null,
            Size = message.Size,
            Text = Bounded(mime.TextBody),
            Html = Bounded(mime.HtmlBody),
            Attachments = [.. Attachments(mime, cancellationToken)],
        };
    }

    // Bytes with no header at all are somebody's mail nevertheless: they are its body.
    private static MimeMessage BodyOnly(ArraySegment<byte> body) =>
        new() { Body = new TextPart("plain") { Content = new MimeContent(new MemoryStream(body.Array!, body.Offset, body.Count, writable: false)) } };

    private static string[] Addresses(InternetAddressList list) => [.. list.Select(address => address.ToString())];

    private static string? Bounded(string? text) => text is null ? null : BoundedText.Cut(text, MaxTextLength);

    private static IEnumerable<ParsedAttachment> Attachments(MimeMessage mime, CancellationToken cancellationToken)
    {
        foreach (var entity in mime.Attachments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ParsedAttachment(
                entity.ContentDisposition?.FileName ?? entity.ContentType.Name ?? "",
                entity.ContentType.MimeType,
                entity is MimePart { Content: { } content } ? Measure(content, cancellationToken) : null);
        }
    }

    private static long Measure(IMimeContent content, CancellationToken cancellationToken)
    {
        using var measure = new MimeKit.IO.MeasuringStream();
        content.DecodeTo(measure, cancellationToken);
        return measure.Length;
    }
}
