using System.Security.Cryptography;
using System.Text;

namespace EmailIngestion.Functions.Page;

/// <summary>
/// The page as one document, and the policy under which a browser runs it: its own script and style by their hashes, requests to its own
/// origin, and nothing else.
/// </summary>
/// <param name="Html">The document as UTF-8.</param>
/// <param name="Policy">The value of Content-Security-Policy.</param>
internal sealed record PageDocument(ReadOnlyMemory<byte> Html, string Policy)
{
    private const string StyleMark = "/* page.css */";
    private const string ScriptMark = "/* main.js */";

    /// <summary>The page of this assembly, put together once.</summary>
    public static PageDocument Current { get; } = Create(PageParts.Read());

    /// <exception cref="InvalidOperationException">A part is missing or cannot be joined.</exception>
    internal static PageDocument Create(IReadOnlyDictionary<string, string> parts)
    {
        var style = parts["page.css"];
        if (style.Contains("</style", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException("page.css has '</style' in it.");
        var script = PageScript.Join(parts, "main.js");
        var html = parts["page.html"]
            .Replace(StyleMark, style, StringComparison.Ordinal)
            .Replace(ScriptMark, script, StringComparison.Ordinal);
        return new PageDocument(Encoding.UTF8.GetBytes(html), string.Join("; ",
            "default-src 'none'",
            $"script-src {Hash(script)}",
            $"style-src {Hash(style)}",
            // The icon in the head. The script makes no images.
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'"));
    }

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
