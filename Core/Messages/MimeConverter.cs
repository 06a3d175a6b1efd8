using System.Runtime.InteropServices;
using MimeKit;
using MimeKit.Text;

namespace EmailIngestion.Messages;

/// <summary>Parses MIME messages. It is as lenient as mail readers: everything that MimeKit can read is an email. Pure.</summary>
public static class MimeConverter
{
    private const int MaxTextLength = 1_000_000;

    /// <summary>Parses a message under the default limits. Header fields beyond their bounds (4 to 64 KiB) are cut.</summary>
    /// <exception cref="MessageTooComplexException">The message exceeds a limit.</exception>
    public static MimeMessage Parse(ReadOnlyMemory<byte> raw, CancellationToken cancellationToken = default) =>
        Parse(raw, MessageScan.Run(raw, MessageLimits.Default, cancellationToken), MessageLimits.Default, cancellationToken);

    internal static MimeMessage Parse(
        ReadOnlyMemory<byte> raw, MessageStructure structure, MessageLimits limits, CancellationToken cancellationToken)
    {
        if (structure.IsBodyOnly)
            return BodyOnly(raw);
        var bounded = structure.Bounded(raw);
        return Load(bounded, limits, cancellationToken)
            // The message may end within a header's name. A line end and an empty line make the headers before it readable.
            ?? Load((byte[])[.. bounded.Span, .. "\r\n\r\n"u8], limits, cancellationToken)
            ?? BodyOnly(raw);
    }

    /// <summary>Converts an email to the form for processors and their receivers. Two conversions of one email are equal.</summary>
    /// <exception cref="MessageTooComplexException">The email exceeds a limit.</exception>
    public static ParsedEmail Convert(EmailMessage message, CancellationToken cancellationToken = default) =>
        message.Watch is { } watch
            ? watch.Run(() => ConvertWatched(message, cancellationToken))
            : ConvertWatched(message, cancellationToken);

    private static ParsedEmail ConvertWatched(EmailMessage message, CancellationToken cancellationToken)
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
            From = Addresses(mime.From, cancellationToken),
            To = Addresses(mime.To, cancellationToken),
            Cc = Addresses(mime.Cc, cancellationToken),
            ReplyTo = Addresses(mime.ReplyTo, cancellationToken),
            Subject = mime.Subject ?? "",
            Received = message.Date,
            Sent = mime.Headers.Contains(HeaderId.Date) && mime.Date != default ? mime.Date : null,
            Size = message.Size,
            Text = TextBody.Read(mime, TextFormat.Plain, MaxTextLength, cancellationToken),
            Html = TextBody.Read(mime, TextFormat.Html, MaxTextLength, cancellationToken),
            Attachments = [.. Attachments(mime, cancellationToken)],
        };
    }

    // Returns null when the parser finds no message.
    private static MimeMessage? Load(ReadOnlyMemory<byte> raw, MessageLimits limits, CancellationToken cancellationToken)
    {
        // Persistent: parts read from the given bytes instead of copies.
        var parser = new MimeParser(ParserOptions.Default, Open(raw), MimeFormat.Entity, persistent: true);
        var parts = 0;
        // The scan counts at least as many parts. This check holds the limit even if the scan counts wrong.
        parser.MimeEntityBegin += (_, begun) =>
        {
            if (begun.Parent is Multipart && ++parts > limits.MaxParts)
                throw new MessageTooComplexException("Processing:MaxParts", limits.MaxParts, parts);
        };
        try
        {
            return parser.ParseMessage(cancellationToken);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Bytes without a header are the body of an email. The constructor with an empty list of headers adds no header.
    private static MimeMessage BodyOnly(ReadOnlyMemory<byte> body)
    {
        var message = new MimeMessage((IEnumerable<Header>)[]);
        if (!body.IsEmpty)
            message.Body = new TextPart("plain") { Content = new MimeContent(Open(body)) };
        return message;
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> raw)
    {
        var segment = MemoryMarshal.TryGetArray(raw, out var array) ? array : new ArraySegment<byte>(raw.ToArray());
        return new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
    }

    private static string[] Addresses(InternetAddressList list, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return [.. list.Select(address => address.ToString())];
    }

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
