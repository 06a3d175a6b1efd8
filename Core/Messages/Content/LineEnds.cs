using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Makes the ends of lines alike, so that the same bytes give the same text on each system.</summary>
internal static class LineEnds
{
    /// <summary>Each <c>\r\n</c>, <c>\r</c> and <c>\r\r\n</c> (left by some gateways) becomes <c>\n</c>.</summary>
    public static string ToUnix(string text)
    {
        var at = text.IndexOf('\r', StringComparison.Ordinal);
        if (at < 0)
            return text;
        var lines = new StringBuilder(text.Length);
        var from = 0;
        while (at >= 0)
        {
            lines.Append(text, from, at - from).Append('\n');
            from = at + 1;
            if (text.AsSpan(from).StartsWith("\r\n"))
                from++;
            if (from < text.Length && text[from] == '\n')
                from++;
            at = text.IndexOf('\r', from);
        }

        return lines.Append(text, from, text.Length - from).ToString();
    }
}
