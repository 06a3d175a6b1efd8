using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads text/enriched (RFC 1896) and its forerunner text/richtext as text: without its commands.</summary>
internal static class EnrichedText
{
    private const int MaxCommand = 64;

    public static string Read(string text)
    {
        var read = new StringBuilder(text.Length);
        var (isParameter, unfilled) = (false, 0);
        for (var at = 0; at < text.Length; at++)
        {
            var rest = text.AsSpan(at);
            if (rest.StartsWith("<<"))
            {
                at++;
            }
            else if (Command(rest) is { Length: > 0 } command)
            {
                at += command.Length + 1;
                isParameter = command.Equals("param", StringComparison.OrdinalIgnoreCase)
                    || (isParameter && !command.Equals("/param", StringComparison.OrdinalIgnoreCase));
                unfilled += command.Equals("nofill", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                unfilled -= command.Equals("/nofill", StringComparison.OrdinalIgnoreCase) && unfilled > 0 ? 1 : 0;
                if (command.Equals("nl", StringComparison.OrdinalIgnoreCase) || command.Equals("lt", StringComparison.OrdinalIgnoreCase))
                    read.Append(command[0] is 'l' or 'L' ? '<' : '\n');
                continue;
            }

            if (isParameter)
                continue;
            if (text[at] != '\n' || unfilled > 0)
            {
                read.Append(text[at]);
                continue;
            }

            // One line end is a blank; of several, the first one is not shown.
            var ends = rest.IndexOfAnyExcept('\n') is >= 0 and var count ? count : rest.Length;
            read.Append(ends == 1 ? " " : new string('\n', ends - 1));
            at += ends - 1;
        }

        return read.ToString();
    }

    // The name of a command at "<"; empty when there is none.
    private static ReadOnlySpan<char> Command(ReadOnlySpan<char> text)
    {
        if (text is not ['<', ..])
            return [];
        var end = text[1..Math.Min(text.Length, MaxCommand)].IndexOf('>');
        var name = end < 1 ? [] : text.Slice(1, end);
        return name.TrimStart('/').ContainsAnyExcept(Names) ? [] : name;
    }

    private static readonly System.Buffers.SearchValues<char> Names =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}
