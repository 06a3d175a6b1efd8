using System.Buffers.Binary;
using MimeKit;
using MimeKit.Tnef;

namespace EmailIngestion.Messages.Content;

/// <summary>A file that TNEF describes.</summary>
internal sealed class TnefFile(int codepage)
{
    // In bytes. Names and types are shorter.
    private const int MaxText = 8 * 1024;

    private TnefText _name;
    private TnefText _type;
    private TnefText _contentId;
    private int _method = (int)TnefAttachMethod.ByValue;

    /// <summary>The content; null while there is none.</summary>
    public Range? Data { get; set; }

    /// <summary>The name in the older form: mostly cut to eight characters.</summary>
    public TnefText Title { get; set; }

    /// <summary>The TNEF of an email that is the file; null for other files.</summary>
    public Range? Email => _method == (int)TnefAttachMethod.EmbeddedMessage ? Data : null;

    public void Add(TnefProperty property, ReadOnlySpan<byte> bytes)
    {
        switch (property.Id)
        {
            case TnefPropertyId.AttachLongFilename when TnefText.IsText(property):
                _name = TnefText.Of(property, codepage);
                break;
            case TnefPropertyId.AttachFilename or TnefPropertyId.DisplayName when _name.IsEmpty && TnefText.IsText(property):
                _name = TnefText.Of(property, codepage);
                break;
            case TnefPropertyId.AttachMimeTag when TnefText.IsText(property):
                _type = TnefText.Of(property, codepage);
                break;
            case TnefPropertyId.AttachContentId when TnefText.IsText(property):
                _contentId = TnefText.Of(property, codepage);
                break;
            case TnefPropertyId.AttachMethod when property.Type == TnefPropertyType.Long:
                _method = BinaryPrimitives.ReadInt32LittleEndian(bytes[property.Value]);
                break;
            // An object begins with the ID of its interface.
            case TnefPropertyId.AttachData when property.Type == TnefPropertyType.Object && Length(property.Value) >= 16:
                Data = (property.Value.Start.Value + 16)..property.Value.End;
                break;
            case TnefPropertyId.AttachData when property.Type == TnefPropertyType.Binary:
                Data = property.Value;
                break;
        }
    }

    public string? Name(ReadOnlySpan<byte> bytes) =>
        Text(_name, bytes) ?? Text(Title, bytes);

    public FoundFile File(EncodedContent part, ReadOnlySpan<byte> bytes)
    {
        var name = Name(bytes);
        var type = Text(_type, bytes);
        return new FoundFile
        {
            Name = name,
            ContentType = type is not null && ContentType.TryParse(type, out var parsed)
                ? parsed.MimeType.ToLowerInvariant() : MimeTypes.GetMimeType(name ?? ""),
            ContentId = Text(_contentId, bytes) is { } id ? ContentIds.Clean(id) : null,
            Content = new DerivedContent(part, Data ?? 0..0),
        };
    }

    private static string? Text(TnefText text, ReadOnlySpan<byte> bytes)
    {
        if (Length(text.Range) > MaxText)
            text = text with { Range = text.Range.Start..(text.Range.Start.Value + MaxText) };
        return !text.IsEmpty && text.Read(bytes) is var read && !string.IsNullOrWhiteSpace(read) ? read : null;
    }

    private static int Length(Range range) => range.End.Value - range.Start.Value;
}
