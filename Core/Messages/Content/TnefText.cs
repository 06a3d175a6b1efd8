using System.Text;
using EmailIngestion.Messages.Text;
using MimeKit.Tnef;

namespace EmailIngestion.Messages.Content;

/// <summary>A text in TNEF: a range of the bytes and its code page.</summary>
internal readonly record struct TnefText(Range Range, int Codepage)
{
    private const int Utf16 = 1200;

    public bool IsEmpty => Range.End.Value == Range.Start.Value;

    public bool IsUnicode => Codepage == Utf16;

    /// <summary>The charset's label.</summary>
    public string Charset
    {
        get
        {
            try
            {
                return Encoding.GetEncoding(Codepage).WebName;
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return "windows-1252";
            }
        }
    }

    public static bool IsText(TnefProperty property) =>
        property.Type is TnefPropertyType.String8 or TnefPropertyType.Unicode or TnefPropertyType.Binary;

    public static TnefText Of(TnefProperty property, int codepage) =>
        new(property.Value, property.Type == TnefPropertyType.Unicode ? Utf16 : codepage);

    /// <summary>A code page as it is in TNEF; windows-1252 in place of one that cannot be.</summary>
    public static int Page(int codepage) => codepage is > 0 and <= ushort.MaxValue ? codepage : 1252;

    /// <summary>The same text without what follows its end mark.</summary>
    public TnefText Trimmed(ReadOnlySpan<byte> bytes)
    {
        var text = bytes[Range];
        var length = text.Length;
        if (IsUnicode)
        {
            length -= length % 2;
            while (length > 0 && text[length - 1] == 0 && text[length - 2] == 0)
                length -= 2;
        }
        else if (text.IndexOf((byte)0) is >= 0 and var end)
        {
            length = end;
        }

        return this with { Range = Range.Start..(Range.Start.Value + length) };
    }

    public string Read(ReadOnlySpan<byte> bytes) => MailEncoding.Read(Codepage, bytes[Trimmed(bytes).Range]);

    /// <summary>Reads HTML. Its own meta element says more than the code page.</summary>
    public string ReadHtml(ReadOnlySpan<byte> bytes)
    {
        var html = bytes[Trimmed(bytes).Range];
        return IsUnicode || HtmlCharset.Find(html) is not { } charset
            ? MailEncoding.Read(Codepage, html)
            : MailEncoding.Read(charset, html);
    }
}
