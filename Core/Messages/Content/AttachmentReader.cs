using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Lists the files of an email.</summary>
internal static class AttachmentReader
{
    // The subject is among the first headers of nearly all mail.
    private const int MaxHeaderBytes = 64 * 1024;

    /// <summary>A part as a file.</summary>
    public static FoundFile File(EmailConversion email, MimeEntity entity)
    {
        var type = PartTypes.Of(entity);
        // The bytes of an attached email may be less by that text.
        if (entity is MessagePart && email.Structure.IsCutOutside)
            email.AddTruncated("attachments");
        var content = entity is MimePart part
            ? EncodedContent.Of(part)
            : new EncodedContent(email.Ranges.Content(entity), ContentEncoding.Default);
        var name = PartNames.Of(entity, email.HeaderCharset);
        return new FoundFile
        {
            Name = name,
            Title = name is null && TypeNames.IsEmail(type) ? EmailHeaders.Read(content.DecodedStart(MaxHeaderBytes)).Subject : null,
            ContentType = type,
            Charset = PartTypes.Charset(entity),
            Disposition = entity.ContentDisposition?.Disposition is { Length: > 0 } disposition ? disposition.ToLowerInvariant() : null,
            ContentId = ContentIds.Of(entity),
            Content = content,
        };
    }

    /// <summary>Numbers, names and measures the files.</summary>
    public static IReadOnlyList<ParsedAttachment> List(EmailConversion email, IReadOnlyList<FoundFile> files, string? html)
    {
        if (files.Count == 0)
            return [];
        var names = files.Select(Name).ToArray();
        var unique = new UniqueNames(names.OfType<string>());
        var shown = html is not null && files.Any(file => file.ContentId is not null) ? ContentIds.In(html) : [];
        var attachments = new ParsedAttachment[files.Count];
        for (var i = 0; i < files.Count; i++)
        {
            email.CancellationToken.ThrowIfCancellationRequested();
            var file = files[i];
            var name = names[i] ?? unique.Take(NameWithout(file, i + 1));
            var (size, digest) = file.Content.Measure(email.CancellationToken);
            attachments[i] = new ParsedAttachment
            {
                Index = i,
                FileName = name,
                OriginalFileName = file.Name is null || file.Name == name ? null : file.Name,
                ContentType = file.ContentType,
                Charset = file.Charset,
                Disposition = file.Disposition,
                ContentId = file.ContentId,
                Inline = file.ContentId is { } id && shown.Contains(id),
                Size = size,
                Sha256 = digest,
                Source = file.Content.Open,
            };
        }

        return attachments;
    }

    // The sender's name made safe; null when there is none.
    private static string? Name(FoundFile file)
    {
        if (file.Name is null || FileNames.Safe(file.Name) is not { Length: > 0 } name)
            return null;
        // Programs name an attached email by its subject.
        return TypeNames.IsEmail(file.ContentType) && !name.EndsWith(".eml", StringComparison.OrdinalIgnoreCase)
            ? FileNames.Safe($"{name}.eml")
            : name;
    }

    private static string NameWithout(FoundFile file, int number)
    {
        if (file.Title is not null && FileNames.Safe(file.Title + TypeNames.Extension(file.ContentType)) is { Length: > 0 } title
            && FileNames.Safe(file.Title).Length > 0)
            return title;
        return TypeNames.Name(file.ContentType, number);
    }
}
