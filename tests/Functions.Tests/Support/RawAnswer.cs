using System.Globalization;
using System.Text;

namespace EmailIngestion.Functions.Tests.Support;

/// <param name="Status">0 if the connection was closed without an answer.</param>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">As UTF-8.</param>
internal sealed record RawAnswer(int Status, string Head, string Body)
{
    public static RawAnswer Parse(byte[] bytes)
    {
        // Latin-1 has one character for each byte; chunks count bytes.
        var text = Encoding.Latin1.GetString(bytes);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return new RawAnswer(0, text, "");
        var head = text[..end];
        var body = text[(end + 4)..];
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
            body = Unchunk(body);
        return new RawAnswer(
            int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture), head, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)));
    }

    private static string Unchunk(string body)
    {
        var all = new StringBuilder();
        for (var at = 0; body.IndexOf("\r\n", at, StringComparison.Ordinal) is var line and >= 0;)
        {
            var length = Convert.ToInt32(body[at..line], 16);
            if (length == 0)
                break;
            all.Append(body, line + 2, length);
            at = line + 2 + length + 2;
        }

        return all.ToString();
    }
}
