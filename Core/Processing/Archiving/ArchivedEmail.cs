using System.Globalization;
using System.Net.Http.Headers;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Processing.Archiving;

/// <summary>
/// The files of one email, in the order in which they are written: the raw message, its attachments, and the summary. Where the summary
/// exists, the other files are complete.
/// </summary>
internal static class ArchivedEmail
{
    /// <summary>The maximum number of attachments of an email that become files. The message holds the other ones.</summary>
    public const int MaxAttachments = 256;

    private const int SpareBytes = 64 * 1024;

    private static readonly char[] Separators = ['/', '\\', '\0'];

    public static IReadOnlyList<ArchiveFile> Files(EmailMessage message, bool attachments)
    {
        var id = message.Id.ToString();
        var folder = message.Date.UtcDateTime.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture);
        var files = new List<ArchiveFile> { new($"{folder}/{id}.eml", "message/rfc822", message.OpenRaw) };
        var email = message.Parsed;
        if (attachments && email.Attachments.Count > 0)
            email = email with { Attachments = Place(email.Attachments, message, folder, files) };
        var summary = SummaryJson.Write(email);
        files.Add(new($"{folder}/{id}.json", "application/json", () => MemorySource.Open(summary)));
        return files;
    }

    // Compressed texts in a winmail.dat take many times the size of the message. Other attachments take less than the message.
    private static List<ParsedAttachment> Place(
        IReadOnlyList<ParsedAttachment> attachments, EmailMessage message, string folder, List<ArchiveFile> files)
    {
        var left = (2 * message.Length) + SpareBytes;
        var most = files.Count + MaxAttachments;
        var placed = new List<ParsedAttachment>(attachments.Count);
        foreach (var attachment in attachments)
        {
            if (files.Count == most || attachment.Size > left)
            {
                placed.Add(attachment);
                continue;
            }

            left -= attachment.Size;
            var name = $"{message.Id}/{attachment.Index.ToString(CultureInfo.InvariantCulture)}-{Safe(attachment.FileName)}";
            files.Add(new($"{folder}/{name}", TypeOf(attachment), attachment.Open));
            placed.Add(attachment with { File = name });
        }

        return placed;
    }

    // The reader has made the name safe. A separator would leave the folder, so it is checked here too.
    private static string Safe(string fileName) =>
        fileName.AsSpan().IndexOfAny(Separators) < 0 ? fileName : string.Join('_', fileName.Split(Separators));

    // The type is the sender's. It becomes a header of the blob.
    private static string TypeOf(ParsedAttachment attachment) =>
        MediaTypeHeaderValue.TryParse(attachment.ContentType, out var type) && type.MediaType is { Length: <= 100 } media
            && media.All(char.IsAscii)
            ? media
            : ArchiveFile.Binary;
}
