using System.Buffers;
using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Makes the ends of lines alike, so that the same bytes give the same text on each system: each <c>\r\n</c>, <c>\r</c> and <c>\r\r\n</c>
/// (left by some gateways) becomes <c>\n</c>. Each NUL becomes U+FFFD, as in HTML: some databases refuse it, and some programs end the
/// text there.
/// </summary>
internal static class LineEnds
{
    /// <summary>The text with such lines; the same string when it has them already.</summary>
    public static string ToUnix(string text)
    {
        if (!text.AsSpan().ContainsAny('\r', '\0'))
            return text;
        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        text.CopyTo(characters);
        return Finish(characters, text.Length);
    }

    /// <summary>Reads bytes of ASCII as a text with such lines.</summary>
    public static string ToUnix(ReadOnlySpan<byte> ascii)
    {
        var characters = ArrayPool<char>.Shared.Rent(ascii.Length);
        return Finish(characters, Encoding.ASCII.GetChars(ascii, characters));
    }

    private static string Finish(char[] rented, int length)
    {
        var text = rented.AsSpan(0, length);
        text.Replace('\0', '\uFFFD');
        var lines = text[..Replace(text)].ToString();
        ArrayPool<char>.Shared.Return(rented);
        return lines;
    }

    // Replaces the ends of lines in place. Returns the length of the result.
    private static int Replace(Span<char> text)
    {
        var (from, to) = (0, 0);
        while (true)
        {
            var rest = text[from..];
            var at = rest.IndexOf('\r');
            var line = at < 0 ? rest : rest[..at];
            line.CopyTo(text[to..]);
            to += line.Length;
            if (at < 0)
                return to;
            text[to++] = '\n';
            rest = rest[(at + 1)..];
            if (rest.StartsWith("\r\n"))
                rest = rest[1..];
            if (rest is ['\n', ..])
                rest = rest[1..];
            from = text.Length - rest.Length;
        }
    }
}
