using System.Buffers.Binary;
using MimeKit.Tnef;

namespace EmailIngestion.Messages.Content;

/// <summary>The message that TNEF describes: its texts, as ranges of the bytes.</summary>
internal sealed class TnefMessage
{
    private const TnefPropertyId InternetCodepage = (TnefPropertyId)0x3fde;

    /// <summary>The code page of texts that are not in Unicode.</summary>
    public int Codepage { get; set; } = 1252;

    public TnefText Subject { get; set; }

    public TnefText Plain { get; set; }

    public TnefText Html { get; private set; }

    /// <summary>The compressed text in RTF; null when there is none.</summary>
    public Range? Rtf { get; private set; }

    /// <summary>Whether the bytes after it cannot be read.</summary>
    public bool IsBroken { get; set; }

    private int HtmlCodepage { get; set; }

    public void Add(TnefProperty property, ReadOnlySpan<byte> bytes)
    {
        switch (property.Id)
        {
            case TnefPropertyId.Subject when Subject.IsEmpty:
                Subject = TnefText.Of(property, Codepage);
                break;
            case TnefPropertyId.Body when TnefText.IsText(property):
                Plain = TnefText.Of(property, Codepage);
                break;
            case TnefPropertyId.BodyHtml when TnefText.IsText(property):
                Html = TnefText.Of(property, HtmlCodepage == 0 ? Codepage : HtmlCodepage);
                break;
            case TnefPropertyId.RtfCompressed when property.Type == TnefPropertyType.Binary:
                Rtf = property.Value;
                break;
            case InternetCodepage when property.Type == TnefPropertyType.Long:
                HtmlCodepage = TnefText.Page(BinaryPrimitives.ReadInt32LittleEndian(bytes[property.Value]));
                if (!Html.IsEmpty && !Html.IsUnicode)
                    Html = Html with { Codepage = HtmlCodepage };
                break;
        }
    }
}
