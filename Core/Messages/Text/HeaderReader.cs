using System.Text;
using MimeKit;

namespace EmailIngestion.Messages.Text;

/// <summary>Reads header fields as text.</summary>
internal static class HeaderReader
{
    private const int MaxHeaders = 256;

    // A line has at most 998 characters (RFC 5322).
    private const int MaxName = 998;
    private const int MaxValue = 32 * 1024;
    private const int MaxCharacters = 256 * 1024;

    /// <summary>Reads the header fields in their order, within the bounds.</summary>
    public static IReadOnlyList<ParsedHeader> Read(EmailConversion email)
    {
        var headers = new List<ParsedHeader>();
        var left = MaxCharacters;
        foreach (var header in All(email.Mime))
        {
            email.CancellationToken.ThrowIfCancellationRequested();
            var (wholeName, whole) = Split(header, email.HeaderCharset);
            var name = BoundedText.Cut(wholeName, MaxName);
            left -= name.Length;
            if (headers.Count == MaxHeaders || left <= 0)
            {
                email.AddTruncated("headers");
                break;
            }

            var value = BoundedText.Cut(whole, Math.Min(MaxValue, left));
            if (value.Length < whole.Length || name.Length < wholeName.Length)
                email.AddTruncated("headers");
            headers.Add(new ParsedHeader(name, value));
            left -= value.Length;
        }

        return headers;
    }

    /// <summary>The decoded value of the first field of this name; null when there is none.</summary>
    public static string? Value(EmailConversion email, HeaderId id)
    {
        foreach (var header in email.Mime.Headers)
        {
            if (header.Id == id)
                return HeaderText.Decode(header.RawValue, email.HeaderCharset);
        }

        return null;
    }

    // Where the name is not one of visible ASCII, the parser takes the whole line for the name, with its line end.
    private static (string Name, string Value) Split(Header header, HeaderCharset charset)
    {
        if (!header.Field.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return (header.Field, HeaderText.Decode(header.RawValue, charset));
        var line = Encoding.Latin1.GetBytes(header.Field);
        var colon = Array.IndexOf(line, (byte)':');
        return colon < 0
            ? (HeaderText.Decode(line, charset), "")
            : (HeaderText.Decode(line.AsSpan(..colon), charset), HeaderText.Decode(line.AsSpan((colon + 1)..), charset));
    }

    // The parser keeps the fields about the content apart from the others.
    private static IEnumerable<Header> All(MimeMessage mime) =>
        mime.Body is { } body
            ? mime.Headers.Concat(body.Headers).Where(one => one.Offset is not null).OrderBy(one => one.Offset)
            : mime.Headers;
}
