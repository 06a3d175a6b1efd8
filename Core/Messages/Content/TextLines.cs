using System.Buffers;
using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Collects the lines of an HTML text as a browser lays them out: it collapses white space, begins lines, and puts the marks of quotes and
/// lists before them.
/// </summary>
internal sealed class TextLines(int maxLength)
{
    private const char NoBreakSpace = '\u00a0';

    // White space, control characters, and the marks without a width that newsletters fill their previews with.
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0xa0).Select(code => (char)code).Where(char.IsControl),
            ' ', NoBreakSpace, '\u00ad', '\u034f', '\u200b', '\u2028', '\u2029', '\ufeff']);

    private readonly QuotedLines _text = new();
    private readonly StringBuilder _line = new();
    private LinePrefix _prefix;
    private bool _hasBreak;
    private bool _hasMargin;
    private bool _hadMargin;
    private bool _hasSpace;
    private bool _isAtCell;

    /// <summary>The quotes around the next line.</summary>
    public int Quotes { get; set; }

    /// <summary>The lists around the next line.</summary>
    public int Indent { get; set; }

    /// <summary>The mark of the next line, as of a list item; null when it has none.</summary>
    public string? Marker { get; set; }

    /// <summary>How many lines have ended.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the text has reached its bound.</summary>
    public bool IsFull => _text.Length + _line.Length >= maxLength;

    /// <summary>Adds text. Each run of white space becomes one space.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny(Special);
            if (end != 0)
                Append(end < 0 ? text : text[..end]);
            if (end < 0)
                break;
            if (text[end] == NoBreakSpace)
                Append(" ");
            else if (text[end] is ' ' or '\t' or '\n' or '\r' or '\f' or '\u2028' or '\u2029')
                _hasSpace = true;
            text = text[(end + 1)..];
        }
    }

    /// <summary>Adds text with its own lines and spaces.</summary>
    public void WriteLines(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny(Special);
            if (end != 0)
                Append(end < 0 ? text : text[..end]);
            if (end < 0)
                break;
            if (text[end] == '\n')
                NewLine();
            else if (text[end] is ' ' or '\t' or NoBreakSpace)
                Append(text[end] == '\t' ? "\t" : " ");
            text = text[(end + 1)..];
        }
    }

    /// <summary>Ends the current line, even an empty one.</summary>
    public void NewLine()
    {
        if (_hasBreak)
            End();
        if (_line.Length == 0)
            _prefix = new LinePrefix(Quotes, Indent, Marker: null);
        End();
    }

    /// <summary>Ends the current line before the next text, if it has text.</summary>
    public void Break() => _hasBreak = _line.Length > 0 && !_isAtCell;

    /// <summary>Ends the current line, if it has text.</summary>
    public void Flush()
    {
        if (_line.Length > 0)
            End();
    }

    /// <summary>Ends the current line. Returns the length of the text so far.</summary>
    public int FlushedLength()
    {
        Flush();
        return _text.Length;
    }

    /// <summary>Requires a blank line before the next text.</summary>
    public void Margin()
    {
        Break();
        _hasMargin |= !_isAtCell;
    }

    /// <summary>Begins a cell of a table in the current line.</summary>
    public void Join()
    {
        if (_line.Length == 0)
            return;
        if (_line[^1] != ' ')
            _line.Append("  ");
        (_hasBreak, _hasMargin, _hasSpace, _isAtCell) = (false, false, false, true);
    }

    /// <summary>Adds text to the last line, even if a block has ended.</summary>
    public void WriteAfter(ReadOnlySpan<char> text)
    {
        var hasBreak = _hasBreak;
        (_hasBreak, _hasSpace) = (false, true);
        Append(text);
        _hasBreak = hasBreak;
    }

    public override string ToString()
    {
        Flush();
        return BoundedText.Cut(_text.ToString(), maxLength);
    }

    private void Append(ReadOnlySpan<char> text)
    {
        if (_hasBreak)
            End();
        if (_line.Length == 0)
        {
            _prefix = new LinePrefix(Quotes, Indent, Marker);
            (_hadMargin, _hasMargin, Marker) = (_hasMargin, false, null);
        }
        else if (_hasSpace && !char.IsWhiteSpace(_line[^1]))
        {
            _line.Append(' ');
        }

        (_hasSpace, _isAtCell) = (false, false);
        // The character beyond the bound tells whether the last one is whole.
        _line.Append(text[..Math.Min(text.Length, maxLength + 1)]);
    }

    private void End()
    {
        if (IsBlank())
            _text.AddBlank(_prefix.Quotes);
        else
            _text.Add(_prefix, _line, _hadMargin, _hasSpace);
        Count++;
        _line.Clear();
        (_hasBreak, _hasSpace, _isAtCell) = (false, false, false);
    }

    private bool IsBlank()
    {
        foreach (var chunk in _line.GetChunks())
        {
            foreach (var character in chunk.Span)
            {
                // The joiners have no width of their own.
                if (!char.IsWhiteSpace(character) && character is not ('\u200c' or '\u200d'))
                    return false;
            }
        }

        return true;
    }
}
