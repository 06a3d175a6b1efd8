using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the file names of parts.</summary>
internal static class PartNames
{
    /// <summary>Whether a part has a file name.</summary>
    public static bool HasName(MimeEntity entity) => Of(entity) is not null;

    /// <summary>The file name as the sender wrote it; null when there is none. An empty one does not count.</summary>
    public static string? Of(MimeEntity entity)
    {
        string? name = null;
        foreach (var header in entity.Headers)
        {
            if (header.Id == HeaderId.ContentDisposition)
            {
                name = HeaderParameters.Read(header.RawValue, "filename") ?? HeaderParameters.Read(header.RawValue, "name") ?? name;
                break;
            }
        }

        if (name is not null)
            return name;
        foreach (var header in entity.Headers)
        {
            if (header.Id == HeaderId.ContentType)
                return HeaderParameters.Read(header.RawValue, "name") ?? HeaderParameters.Read(header.RawValue, "filename");
        }

        return null;
    }
}
