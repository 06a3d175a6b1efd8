using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the file names of parts.</summary>
internal static class PartNames
{
    /// <summary>Whether a part has a file name.</summary>
    public static bool HasName(MimeEntity entity) => Of(entity, HeaderCharset.Unknown) is not null;

    /// <summary>The file name as the sender wrote it; null when there is none. An empty one does not count.</summary>
    public static string? Of(MimeEntity entity, HeaderCharset charset)
    {
        string? name = null;
        foreach (var header in entity.Headers)
        {
            if (header.Id == HeaderId.ContentDisposition)
            {
                name = Read(header, "filename", charset) ?? Read(header, "name", charset);
                break;
            }
        }

        if (name is not null)
            return name;
        foreach (var header in entity.Headers)
        {
            if (header.Id == HeaderId.ContentType)
                return Read(header, "name", charset) ?? Read(header, "filename", charset);
        }

        return null;
    }

    private static string? Read(Header header, string parameter, HeaderCharset charset) =>
        HeaderParameters.Read(header.RawValue, parameter, charset);
}
