using System.Text;

namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>One line of a calendar: a name, parameters and a value (RFC 5545).</summary>
internal sealed class CalendarProperty
{
    private readonly Dictionary<string, string> _parameters = new(StringComparer.OrdinalIgnoreCase);

    private CalendarProperty(string name, string value) => (Name, Value) = (name, value);

    /// <summary>The name in upper case.</summary>
    public string Name { get; }

    /// <summary>The value as written.</summary>
    public string Value { get; }

    /// <summary>The value with its escapes decoded.</summary>
    public string Text => Unescape(Value);

    /// <summary>Reads an unfolded line; null when it is none.</summary>
    public static CalendarProperty? Parse(ReadOnlySpan<char> line)
    {
        var end = NextMark(line, 0);
        if (end <= 0)
            return null;
        var colon = end;
        while (colon < line.Length && line[colon] == ';')
            colon = NextMark(line, colon + 1);
        if (colon == line.Length)
            return null;
        var property = new CalendarProperty(line[..end].Trim().ToString().ToUpperInvariant(), line[(colon + 1)..].Trim().ToString());
        while (end < colon)
        {
            var next = NextMark(line, end + 1);
            property.AddParameter(line[(end + 1)..next]);
            end = next;
        }

        return property;
    }

    /// <summary>The value of a parameter; null when there is none.</summary>
    public string? Parameter(string name) => _parameters.GetValueOrDefault(name);

    private void AddParameter(ReadOnlySpan<char> parameter)
    {
        if (parameter.IndexOf('=') is not (> 0 and var equals))
            return;
        var value = parameter[(equals + 1)..].Trim().Trim('"').ToString();
        _parameters.TryAdd(parameter[..equals].Trim().ToString(), value.Contains('^', StringComparison.Ordinal) ? Uncaret(value) : value);
    }

    // The index of the next semicolon or colon outside quotation marks, else the end.
    private static int NextMark(ReadOnlySpan<char> line, int start)
    {
        var isQuoted = false;
        for (var at = start; at < line.Length; at++)
        {
            if (line[at] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && line[at] is ';' or ':')
                return at;
        }

        return line.Length;
    }

    // RFC 6868.
    private static string Uncaret(string value) => Replace(value, '^', static next => next switch
    {
        'n' => "\n",
        '\'' => "\"",
        '^' => "^",
        _ => $"^{next}",
    });

    private static string Unescape(string value) => Replace(value, '\\', static next => next switch
    {
        'n' or 'N' => "\n",
        _ => next.ToString(),
    });

    private static string Replace(string value, char mark, Func<char, string> read)
    {
        if (!value.Contains(mark, StringComparison.Ordinal))
            return value;
        var text = new StringBuilder(value.Length);
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] == mark && at + 1 < value.Length)
                text.Append(read(value[++at]));
            else
                text.Append(value[at]);
        }

        return text.ToString();
    }
}
