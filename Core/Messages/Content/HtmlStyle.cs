namespace EmailIngestion.Messages.Content;

/// <summary>Reads what the style attribute of an element says about its text.</summary>
internal static class HtmlStyle
{
    private const int MaxLength = 4 * 1024;

    /// <summary>Whether nothing of the element is shown.</summary>
    public static bool IsHidden(ReadOnlySpan<char> style) => Has(style, "display", "none") || Has(style, "visibility", "hidden");

    /// <summary>Whether the element keeps its lines and spaces.</summary>
    public static bool IsPreformatted(ReadOnlySpan<char> style) => Has(style, "white-space", "pre");

    /// <summary>Whether a paragraph has no blank line around it.</summary>
    public static bool IsWithoutMargin(ReadOnlySpan<char> style) => Has(style, "margin", "0") || Has(style, "margin-bottom", "0");

    /// <summary>Whether the element has no border.</summary>
    public static bool IsWithoutBorder(ReadOnlySpan<char> style) => Has(style, "border", "none");

    private static bool Has(ReadOnlySpan<char> style, string property, string value)
    {
        style = style[..Math.Min(style.Length, MaxLength)];
        foreach (var range in style.Split(';'))
        {
            var declaration = style[range];
            var colon = declaration.IndexOf(':');
            if (colon >= 0
                && declaration[..colon].Trim().Equals(property, StringComparison.OrdinalIgnoreCase)
                && declaration[(colon + 1)..].TrimStart().StartsWith(value, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
