using System.Buffers;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Finds which attachments an HTML text shows: it refers to them by <c>cid:</c> and their Content-ID (RFC 2392).</summary>
internal static class ContentIds
{
    private const int MaxLength = 1_000;

    private static readonly SearchValues<char> Ends = SearchValues.Create("\"'<>() \t\n\r\\");

    /// <summary>The Content-ID of a part without its angle brackets; null when there is none.</summary>
    public static string? Of(MimeEntity entity) => entity.Headers[HeaderId.ContentId] is { } value ? Clean(value) : null;

    /// <summary>An ID without its angle brackets; null when it is blank.</summary>
    public static string? Clean(string value)
    {
        var id = value.AsSpan().Trim();
        if (id.IndexOf('<') is >= 0 and var open && id[open..].IndexOf('>') is > 0 and var length)
            id = id.Slice(open + 1, length - 1);
        id = id.Trim("<> \t\0");
        return id.IsEmpty ? null : BoundedText.Cut(BoundedText.WithoutControls(id.ToString()), MaxLength);
    }

    /// <summary>The IDs to which an HTML text refers, as written and decoded.</summary>
    public static HashSet<string> In(string html)
    {
        HashSet<string> ids = new(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; html.AsSpan(at).IndexOf("cid:", StringComparison.OrdinalIgnoreCase) is >= 0 and var found;)
        {
            at += found + "cid:".Length;
            var end = html.AsSpan(at).IndexOfAny(Ends);
            var id = html.AsSpan(at, Math.Min(MaxLength, end < 0 ? html.Length - at : end)).ToString();
            ids.Add(id);
            at += id.Length;
            if (id.Contains('%', StringComparison.Ordinal))
                ids.Add(Uri.UnescapeDataString(id));
            if (id.Contains('&', StringComparison.Ordinal))
                ids.Add(System.Net.WebUtility.HtmlDecode(id));
        }

        return ids;
    }
}
