using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Text of whole lines, with the marks of quotes and lists before them and few blank lines between them.</summary>
internal sealed class QuotedLines
{
    private const int MaxQuotes = 50;
    private const int MaxIndent = 20;
    private const int MaxBlankLines = 2;

    private readonly StringBuilder _text = new();
    private int _lastQuotes;
    private int _blankLines;

    /// <summary>The length of the text so far.</summary>
    public int Length => _text.Length;

    /// <summary>Adds a line that is not blank.</summary>
    /// <param name="prefix">What is before the line.</param>
    /// <param name="line">The line. The white space at its end is not kept.</param>
    /// <param name="hasMargin">Whether there is a blank line before it.</param>
    /// <param name="hasSpace">Whether a space follows it.</param>
    public void Add(LinePrefix prefix, StringBuilder line, bool hasMargin, bool hasSpace)
    {
        if (hasMargin && _blankLines == 0)
            AddBlank(Math.Min(_lastQuotes, prefix.Quotes));
        if (_text.Length > 0)
            _text.Append('\n');
        AddQuotes(prefix.Quotes);
        var indent = prefix.Marker is null ? prefix.Indent : prefix.Indent - 1;
        _text.Append(' ', 2 * Math.Clamp(indent, 0, MaxIndent)).Append(prefix.Marker);
        var length = line.Length;
        while (char.IsWhiteSpace(line[length - 1]))
            length--;
        _text.Append(line, 0, length);
        // The space at the end is part of the mark before a signature.
        if (length == 2 && line[0] == '-' && line[1] == '-' && (hasSpace || line.Length > length))
            _text.Append(' ');
        _blankLines = 0;
    }

    /// <summary>Adds a blank line in these quotes.</summary>
    public void AddBlank(int quotes)
    {
        _lastQuotes = quotes;
        if (_text.Length == 0 || _blankLines == MaxBlankLines)
            return;
        _blankLines++;
        _text.Append('\n');
        AddQuotes(quotes);
        if (_text[^1] == ' ')
            _text.Length--;
    }

    public override string ToString() => _text.ToString().TrimEnd();

    private void AddQuotes(int quotes)
    {
        _lastQuotes = quotes;
        for (var i = 0; i < Math.Min(quotes, MaxQuotes); i++)
            _text.Append("> ");
    }
}
