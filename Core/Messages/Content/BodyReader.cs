using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Reads the text, the HTML and the attachments of an email. Each leaf part is in the text or in the HTML, or it is an attachment. A text
/// with a file name is an attachment even where it is shown.
/// </summary>
internal static class BodyReader
{
    /// <summary>The largest length of the text and of the HTML, in characters.</summary>
    public const int MaxTextLength = 1_000_000;

    public static EmailBody Read(EmailConversion email)
    {
        var tree = new BodyTree(email, takesNamed: false);
        var views = tree.Read(email.Mime.Body);
        if (!views.HasText && tree.Leaves.Any(IsNamedText))
        {
            tree = new BodyTree(email, takesNamed: true);
            views = tree.Read(email.Mime.Body);
        }

        var unpacked = Unpack(email, tree.Leaves);
        if (!views.HasText)
            views = unpacked.Values.FirstOrDefault(content => content.Body.HasText)?.Body ?? views;
        var (text, source) = BodyWriter.Text(email, views.Text);
        var html = BodyWriter.Html(email, views.Html);
        return new EmailBody
        {
            Text = text,
            TextSource = source,
            Html = html,
            Attachments = AttachmentReader.List(email, Files(email, tree.Leaves, unpacked, views.HasText), html),
        };
    }

    private static bool IsNamedText(BodyLeaf leaf) => leaf is { Text: null, Entity: TextPart { IsAttachment: false } };

    private static Dictionary<BodyLeaf, TnefContent> Unpack(EmailConversion email, IReadOnlyList<BodyLeaf> leaves)
    {
        Dictionary<BodyLeaf, TnefContent>? unpacked = null;
        foreach (var leaf in leaves)
        {
            if (TnefUnpacker.IsTnef(leaf.Entity)
                && TnefUnpacker.Unpack(EncodedContent.Of((MimePart)leaf.Entity), email.CancellationToken) is { } content)
                (unpacked ??= [])[leaf] = content;
        }

        return unpacked ?? [];
    }

    private static List<FoundFile> Files(
        EmailConversion email, IReadOnlyList<BodyLeaf> leaves, Dictionary<BodyLeaf, TnefContent> unpacked, bool hasText)
    {
        List<FoundFile> files = [];
        foreach (var leaf in leaves)
        {
            if (unpacked.TryGetValue(leaf, out var content))
            {
                // A text in RTF is a file where there is no other text. Nearly always it is the same text once more.
                if (content is { Rtf: { } rtf, Body.HasText: false } && !hasText)
                    files.Add(rtf);
                files.AddRange(content.Files);
            }

            if (content is null ? leaf.IsFile : content.IsLeft(hasText))
                files.Add(AttachmentReader.File(email, leaf.Entity));
            if (leaf.Text is { IsShown: true } text)
                files.AddRange(text.Files);
        }

        return files;
    }
}
