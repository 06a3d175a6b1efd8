namespace EmailIngestion.Processing.Archiving;

/// <summary>A file to be archived.</summary>
/// <param name="Name">The path in the archive, with <c>/</c>: <c>yyyy/MM/dd/&lt;id&gt;.eml</c>.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="Open">Opens the content from its start. The caller disposes the stream.</param>
internal sealed record ArchiveFile(string Name, string ContentType, Func<Stream> Open)
{
    public const string Binary = "application/octet-stream";

    public string Folder => Name[..Name.LastIndexOf('/')];
}
