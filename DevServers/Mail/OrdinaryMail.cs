using System.Globalization;
using System.Net;
using System.Text;
using MimeKit;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Ordinary mail: plain text, HTML and attachments.</summary>
internal static class OrdinaryMail
{
    public static byte[] Plain(DemoDraft draft)
    {
        var language = draft.Language();
        return DemoDraft.Serialize(draft.Message(language, TextPart("plain", draft.Text(language))));
    }

    public static byte[] Html(DemoDraft draft)
    {
        var language = draft.Language();
        return DemoDraft.Serialize(draft.Message(language, Alternative(draft, language)));
    }

    public static byte[] Attachments(DemoDraft draft)
    {
        var language = draft.Language();
        var number = draft.Random.Next(1000, 9999);
        var csv = new StringBuilder("date,item,amount\r\n");
        for (var i = 0; i < 40; i++)
            csv.Append(CultureInfo.InvariantCulture, $"2025-01-{(i % 28) + 1:00},item {i},{draft.Random.Next(100, 99999) / 100.0:F2}\r\n");
        return DemoDraft.Serialize(draft.Message(language, draft.Multipart(
            "mixed",
            TextPart("plain", draft.Text(language, 1, 4)),
            Attachment("application/pdf", $"invoice-{number}.pdf", Pdf(draft, 6000)),
            Attachment("text/csv", "Übersicht – 請求書.csv", Encoding.UTF8.GetBytes(csv.ToString())),
            Attachment("image/png", "scan.png", Png(draft, 2000)))));
    }

    /// <summary>About one megabyte.</summary>
    public static byte[] Large(DemoDraft draft) => DemoDraft.Serialize(draft.Message(
        DemoPhrases.English,
        draft.Multipart(
            "mixed",
            TextPart("plain", "The scans, as promised.\r\n"),
            Attachment("application/pdf", "scans.pdf", Pdf(draft, 750_000)))));

    public static Multipart Alternative(DemoDraft draft, DemoLanguage language)
    {
        var text = draft.Text(language, 2, 10);
        var html = WebUtility.HtmlEncode(text).Replace("\r\n\r\n", "</p>\r\n<p>", StringComparison.Ordinal);
        return draft.Multipart(
            "alternative",
            TextPart("plain", text),
            TextPart("html", $"<html><body style=\"font-family: sans-serif\">\r\n<p>{html}</p>\r\n</body></html>\r\n"));
    }

    public static TextPart TextPart(string subtype, string text, string charset = "utf-8")
    {
        var part = new TextPart(subtype);
        part.SetText(charset, text);
        return part;
    }

    public static MimePart Attachment(string type, string name, byte[] bytes)
    {
        var part = new MimePart(ContentType.Parse(type))
        {
            Content = new MimeContent(new MemoryStream(bytes)),
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment),
            ContentTransferEncoding = ContentEncoding.Base64,
        };
        part.ContentDisposition.Parameters.Add(Encoding.UTF8, "filename", name);
        part.ContentType.Parameters.Add(Encoding.UTF8, "name", name);
        return part;
    }

    public static byte[] Pdf(DemoDraft draft, int size) =>
        [.. "%PDF-1.4\n"u8, .. draft.Bytes(draft.Random.Next(size / 2, size)), .. "\n%%EOF\n"u8];

    public static byte[] Png(DemoDraft draft, int size) => [0x89, .. "PNG\r\n"u8, 0x1a, 0x0a, .. draft.Bytes(size)];
}
