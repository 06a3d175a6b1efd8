using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the types of parts.</summary>
internal static class PartTypes
{
    /// <summary>The content type in lower case, without parameters.</summary>
    public static string Of(MimeEntity entity) =>
        IsUnreadableText(entity) ? "text/plain" : entity.ContentType.MimeType.ToLowerInvariant();

    /// <summary>The charset parameter; null when there is none.</summary>
    public static string? Charset(MimeEntity entity) =>
        BoundedText.Line(entity.ContentType.Parameters["charset"]?.Trim() ?? "") is { Length: > 0 } charset ? charset : null;

    /// <summary>Whether the type is missing or only says <c>text</c>: such a part is plain text (RFC 2045, 5.2).</summary>
    public static bool IsUnreadableText(MimeEntity entity)
    {
        if (!entity.ContentType.IsMimeType("application", "octet-stream") || entity.Headers[HeaderId.ContentType] is not { } value)
            return false;
        var end = value.IndexOf(';', StringComparison.Ordinal);
        var type = (end < 0 ? value : value[..end]).AsSpan().Trim();
        return type.IsEmpty || type.Equals("text", StringComparison.OrdinalIgnoreCase);
    }
}
