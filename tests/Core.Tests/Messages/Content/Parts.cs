namespace EmailIngestion.Core.Tests.Messages.Content;

/// <summary>Writes emails of several parts.</summary>
internal static class Parts
{
    public const string Base64Pdf = "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQgZmFrZQ==\n";

    /// <summary>An email that is a multipart.</summary>
    public static string Email(string type, params string[] parts) => $"Subject: s\nMIME-Version: 1.0\n{Of(type, "b1", parts)}";

    /// <summary>A multipart as a part.</summary>
    public static string Of(string type, string boundary, params string[] parts) =>
        $"Content-Type: multipart/{type}; boundary={boundary}\n\n"
        + $"{string.Concat(parts.Select(part => $"--{boundary}\n{part}\n"))}--{boundary}--\n";

    public static string Plain(string text) => $"Content-Type: text/plain; charset=utf-8\n\n{text}";

    public static string Html(string html) => $"Content-Type: text/html; charset=utf-8\n\n{html}";

    public static string Pdf(string name) => $"Content-Type: application/pdf; name=\"{name}\"\n{Base64Pdf}";
}
