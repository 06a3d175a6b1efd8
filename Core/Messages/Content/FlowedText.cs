using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Joins the lines of flowed text (RFC 3676) to paragraphs. Unlike MimeKit's converter it keeps the line <c>-- </c> before a signature,
/// and it removes the blank that a sender put before a quoted line.
/// </summary>
internal static class FlowedText
{
    /// <param name="text">Text with <c>\n</c> at the ends of its lines.</param>
    /// <param name="deleteSpace">Whether the blank at the end of a joined line is removed (<c>delsp=yes</c>).</param>
    public static string Join(string text, bool deleteSpace)
    {
        var joined = new StringBuilder(text.Length);
        var open = -1; // The quote depth of a paragraph that goes on; -1 when none does.
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range];
            var depth = line.IndexOfAnyExcept('>') is >= 0 and var quotes ? quotes : line.Length;
            line = line[depth..];
            // A blank before a line is not of the text: it protects a line that begins with ">", "From " or a blank.
            if (line is [' ', ..])
                line = line[1..];
            var isSignature = line is "-- ";
            if (open >= 0 && (open != depth || isSignature))
                joined.Append('\n');
            if (open != depth || isSignature)
                joined.Append('>', depth).Append(depth > 0 && !line.IsEmpty ? " " : "");
            var isSoft = line is [.., ' '] && !isSignature;
            joined.Append(isSoft && deleteSpace ? line[..^1] : line);
            open = isSoft ? depth : -1;
            if (!isSoft && range.End.Value < text.Length)
                joined.Append('\n');
        }

        return joined.ToString();
    }
}
