using EmailIngestion.Messages.Text;
using MimeKit;
using MimeKit.Tnef;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Unpacks winmail.dat (TNEF, MS-OXTNEF): the form in which Outlook and Exchange send a message and its files as one file. An email in it
/// is unpacked too: its text is a file, and its files follow. The time is linear in the length for each level of emails.
/// </summary>
internal sealed class TnefUnpacker
{
    private const int Signature = 0x223e9f78;
    private const int MaxFiles = 1_000;
    private const int FewFiles = 16;
    private const int MaxDepth = 5;
    private const int PropertiesPerCheck = 1_024;

    // Level, tag and length; a checksum follows the value.
    private const int HeadLength = 9;

    private readonly EncodedContent _part;
    private readonly CancellationToken _cancellationToken;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly List<FoundFile> _files = [];

    private TnefUnpacker(EncodedContent part, CancellationToken cancellationToken) =>
        (_part, _bytes, _cancellationToken) = (part, part.Decoded(cancellationToken), cancellationToken);

    private ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Whether a part is winmail.dat by its type, or by its name where the type says nothing.</summary>
    public static bool IsTnef(MimeEntity entity) => entity is TnefPart
        || (entity is MimePart { ContentType: { MediaType: "application", MediaSubtype: "octet-stream" } } part
            && "winmail.dat".Equals(PartNames.Of(part, HeaderCharset.Unknown), StringComparison.OrdinalIgnoreCase));

    /// <summary>Unpacks a part; null when it is broken, or when it has more than 1,000 files.</summary>
    public static TnefContent? Unpack(EncodedContent part, CancellationToken cancellationToken)
    {
        var unpacker = new TnefUnpacker(part, cancellationToken);
        if (unpacker.Read(0..unpacker._bytes.Length, 0) is not { } message || unpacker._files.Count > MaxFiles)
            return null;
        // Decoding the part again for each of a few files costs less memory than keeping it.
        if (unpacker._files.Count > FewFiles)
            part.Keep(cancellationToken);
        return new TnefContent(unpacker.Body(message), unpacker.Rtf(message, "message"), unpacker._files, message.IsBroken);
    }

    private TnefMessage? Read(Range range, int depth)
    {
        var cursor = new TnefCursor(Bytes, range);
        if (!cursor.TryInt32(out var signature) || signature != Signature || !cursor.TryInt16(out _))
            return null;
        var message = new TnefMessage();
        TnefFile? file = null;
        while (cursor.Left >= HeadLength && _files.Count <= MaxFiles)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (!cursor.TryByte(out var level) || level is not (1 or 2) || !cursor.TryInt32(out var tag) || !cursor.TryInt32(out var length)
                || !cursor.TryTake(length, out var value) || !cursor.TryInt16(out _))
            {
                message.IsBroken = true;
                break;
            }

            if ((TnefAttributeTag)tag == TnefAttributeTag.AttachRenderData)
            {
                Add(file, depth);
                file = new TnefFile(message.Codepage);
            }
            else if (level == 1)
            {
                Read(message, (TnefAttributeTag)tag, value);
            }
            else if (file is not null)
            {
                Read(file, (TnefAttributeTag)tag, value, message.Codepage);
            }
        }

        Add(file, depth);
        return message;
    }

    private void Read(TnefMessage message, TnefAttributeTag tag, Range value)
    {
        switch (tag)
        {
            case TnefAttributeTag.OemCodepage when new TnefCursor(Bytes, value).TryInt32(out var codepage):
                message.Codepage = TnefText.Page(codepage);
                break;
            case TnefAttributeTag.Subject:
                message.Subject = new TnefText(value, message.Codepage);
                break;
            case TnefAttributeTag.Body:
                message.Plain = new TnefText(value, message.Codepage);
                break;
            case TnefAttributeTag.MapiProperties:
                for (var properties = Properties(value, out var count); Next(ref properties, ref count, out var property);)
                    message.Add(property, Bytes);
                break;
        }
    }

    private void Read(TnefFile file, TnefAttributeTag tag, Range value, int codepage)
    {
        switch (tag)
        {
            case TnefAttributeTag.AttachTitle:
                file.Title = new TnefText(value, codepage);
                break;
            case TnefAttributeTag.AttachData:
                file.Data = value;
                break;
            case TnefAttributeTag.Attachment:
                for (var properties = Properties(value, out var count); Next(ref properties, ref count, out var property);)
                    file.Add(property, Bytes);
                break;
        }
    }

    private bool Next(ref TnefCursor properties, ref int count, out TnefProperty property)
    {
        property = default;
        if (count % PropertiesPerCheck == 0)
            _cancellationToken.ThrowIfCancellationRequested();
        return count-- > 0 && properties.TryProperty(out property);
    }

    private TnefCursor Properties(Range range, out int count)
    {
        var cursor = new TnefCursor(Bytes, range);
        cursor.TryInt32(out count);
        return cursor;
    }

    private void Add(TnefFile? file, int depth)
    {
        if (file is null)
            return;
        if (file.Email is not { } email || depth == MaxDepth)
        {
            _files.Add(file.File(_part, Bytes));
            return;
        }

        var before = _files.Count;
        if (Read(email, depth + 1) is not { } message)
        {
            _files.RemoveRange(before, _files.Count - before);
            _files.Add(file.File(_part, Bytes));
            return;
        }

        if (Text(message, message.Subject.IsEmpty ? file.Name(Bytes) : message.Subject.Read(Bytes)) is { } text)
            _files.Insert(before, text);
    }

    // The text of an email in the file, as a file.
    private FoundFile? Text(TnefMessage message, string? title)
    {
        var text = message.Html.IsEmpty ? message.Plain : message.Html;
        return text.IsEmpty ? Rtf(message, title) : new FoundFile
        {
            Title = title,
            ContentType = message.Html.IsEmpty ? "text/plain" : "text/html",
            Charset = text.Charset,
            Content = new DerivedContent(_part, text.Trimmed(Bytes).Range),
        };
    }

    private FoundFile? Rtf(TnefMessage message, string? title) => message.Rtf is { } rtf && CompressedRtf.IsValid(Bytes[rtf])
        ? new FoundFile { Title = title, ContentType = "text/rtf", Content = new DerivedContent(_part, rtf, CompressedRtf.Decode) }
        : null;

    private BodyViews Body(TnefMessage message)
    {
        InlineText? plain = null, html = null;
        if (!message.Plain.IsEmpty)
            plain = Inline(message.Plain.Read(Bytes), isHtml: false);
        if (!message.Html.IsEmpty)
            html = Inline(message.Html.ReadHtml(Bytes), isHtml: true);
        return (plain ?? html) is { } text ? new BodyViews([text], [html ?? text]) : BodyViews.None;
    }

    // The character beyond the bound tells that there is more.
    private static InlineText Inline(string text, bool isHtml) =>
        new(BoundedText.Cut(LineEnds.ToUnix(text), BodyReader.MaxTextLength + 2), isHtml)
        {
            IsCut = text.Length > BodyReader.MaxTextLength + 2,
        };
}
