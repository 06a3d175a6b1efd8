using System.Text;
using System.Text.Json;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Reads the JSON of token endpoints: an object whose fields are texts and numbers.</summary>
internal static class TokenJson
{
    /// <summary>The texts and numbers of an object by name; null if the body is not a JSON object. Other fields are left out.</summary>
    public static IReadOnlyDictionary<string, string>? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            // A parser may ignore the mark of UTF-8 (RFC 8259, section 8.1).
            var marked = Encoding.UTF8.Preamble;
            using var document = JsonDocument.Parse(json.Span.StartsWith(marked) ? json[marked.Length..] : json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.String)
                    fields[field.Name] = field.Value.GetString()!;
                else if (field.Value.ValueKind == JsonValueKind.Number)
                    fields[field.Name] = field.Value.GetRawText();
            }

            return fields;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half a surrogate pair.
            return null;
        }
    }
}
