using MimeKit;

namespace EmailIngestion.Messages.Text;

/// <summary>Reads header fields as text.</summary>
internal static class HeaderReader
{
    private const int MaxHeaders = 256;
    private const int MaxValue = 32 * 1024;
    private const int MaxValues = 256 * 1024;

    /// <summary>Reads the header fields in their order, within the bounds.</summary>
    public static IReadOnlyList<ParsedHeader> Read(EmailConversion email)
    {
        var headers = new List<ParsedHeader>();
        var left = MaxValues;
        foreach (var header in email.Mime.Headers)
        {
            email.CancellationToken.ThrowIfCancellationRequested();
            var value = BoundedText.Cut(header.Value, Math.Min(MaxValue, left));
            if (headers.Count == MaxHeaders || value.Length < header.Value.Length)
                email.AddTruncated("headers");
            if (headers.Count == MaxHeaders || left == 0)
                break;
            headers.Add(new ParsedHeader(header.Field, value));
            left -= value.Length;
        }

        return headers;
    }

    /// <summary>The decoded value of the first field of this name; null when there is none.</summary>
    public static string? Value(EmailConversion email, HeaderId id) => email.Mime.Headers[id];
}
