using System.Buffers;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages.People;

/// <summary>
/// Reads a list of addresses (RFC 5322, RFC 6532) as leniently as mail readers do. Its time is linear: each search for the end of something
/// either finds it or is the last one of its kind.
/// </summary>
internal sealed class AddressParser
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("\"(<,;:=");

    private readonly string _text;
    private readonly List<ParsedAddress> _people;
    private readonly UnquotedNames _names;
    private readonly int _most;
    private readonly bool _isDecoded;
    private readonly int _lastSemicolon;
    private AddressItem? _item;
    private string? _group;
    private int _groupCount;
    private int _start;
    private int _close = -1;
    private bool _isFull;
    private bool _noQuote;
    private bool _noComment;

    private AddressParser(string text, string? group, List<ParsedAddress> people, int most, bool isDecoded)
    {
        (_text, _group, _people, _most, _isDecoded, _lastSemicolon) = (text, group, people, most, isDecoded, text.LastIndexOf(';'));
        _names = new UnquotedNames(people);
    }

    private AddressItem Item => _item ??= new AddressItem();

    /// <summary>Adds the people of an unfolded field to a list. Returns false when the list is full and more would follow.</summary>
    public static bool Read(string text, List<ParsedAddress> people, int most) =>
        new AddressParser(text, null, people, most, isDecoded: false).Read();

    private bool Read()
    {
        for (var at = 0; at < _text.Length && !_isFull && _people.Count <= _most;)
        {
            var plain = _text.AsSpan(at).IndexOfAny(Signs);
            var next = plain < 0 ? _text.Length : at + plain;
            if (next > at)
                Item.AddText(_text.AsSpan(at..next));
            at = next == _text.Length ? next : ReadSign(next);
        }

        EndItem(_text.Length);
        EndGroup();
        if (_people.Count <= _most)
            return !_isFull;
        _people.RemoveRange(_most, _people.Count - _most);
        return false;
    }

    // Reads what begins with a sign. Returns the offset behind it.
    private int ReadSign(int at)
    {
        switch (_text[at])
        {
            case '"' when QuoteEnd(at) is > 0 and var end:
                return ReadQuoted(at, end);
            case '(' when CommentEnd(at) is > 0 and var end:
                Item.AddComment(_text.AsSpan((at + 1)..(end - 1)));
                return end;
            case '=' when !_isDecoded && _text.AsSpan(at).StartsWith("=?") && EncodedWord.Read(_text, at, ref _close) is { } word:
                Item.AddWord(_text.AsSpan(at..word.End));
                return word.End;
            case '<':
                return ReadBrackets(at);
            case ',' or ';':
                EndItem(at);
                if (_text[at] == ';')
                    EndGroup();
                _start = at + 1;
                return at + 1;
            case ':' when BeginsGroup(at):
                EndGroup();
                _group = Item.Phrase;
                (_item, _start, _groupCount) = (null, at + 1, 0);
                return at + 1;
            default:
                Item.AddText(_text.AsSpan(at, 1));
                return at + 1;
        }
    }

    private int ReadQuoted(int at, int end)
    {
        // A quoted local part: "ann example"@example.org.
        if (end < _text.Length && _text[end] == '@')
        {
            var rest = _text.AsSpan(end).IndexOfAny(" ,;<>");
            var stop = rest < 0 ? _text.Length : end + rest;
            Item.AddAddress(_text[at..stop]);
            return stop;
        }

        Item.AddQuoted(_text.AsSpan((at + 1)..(end - 1)));
        return end;
    }

    private int ReadBrackets(int at)
    {
        // A comma is missing between two addresses.
        if (_item is { HasAddress: true })
        {
            EndItem(at);
            _start = at;
        }

        var start = at + 1;
        while (start < _text.Length && _text[start] is '<' or ' ')
            start++;
        var end = start;
        while (end < _text.Length && _text[end] is not ('<' or '>'))
            end = _text[end] == '"' && QuoteEnd(end) is > 0 and var quote ? quote : end + 1;
        var isClosed = end < _text.Length && _text[end] == '>';
        if (!isClosed && _text.AsSpan(start..end).IndexOfAny(',', ';') is >= 0 and var comma)
            end = start + comma;
        Item.AddAddress(_text[start..end]);
        while (isClosed && end < _text.Length && _text[end] == '>')
            end++;
        return end;
    }

    // A name and a colon begin a group, if a semicolon ends it or nothing follows.
    private bool BeginsGroup(int at) =>
        (_lastSemicolon > at || _text.AsSpan(at + 1).IsWhiteSpace())
        && !_isDecoded && _item is { HasSign: false, HasAddress: false } item && item.Phrase is { Length: > 0 } name
        && !name.Equals("mailto", StringComparison.OrdinalIgnoreCase);

    private void EndItem(int end)
    {
        if (_item is { } item && _text.AsSpan(_start..end).Trim() is { Length: > 0 } written)
        {
            _groupCount++;
            if (item.Encoded() is { } text)
                _isFull |= !new AddressParser(text, _group, _people, _most, isDecoded: true).Read();
            else
                _names.Add(item, item.People(written.ToString(), _group), end < _text.Length && _text[end] == ',');
        }

        _item = null;
    }

    // An empty group, such as "undisclosed-recipients:;", stays to be seen.
    private void EndGroup()
    {
        if (_isDecoded)
            return;
        if (_group is not null && _groupCount == 0)
            _people.Add(new ParsedAddress(null, null, _group));
        _group = null;
    }

    // The offset behind the closing quote; 0 when there is none.
    private int QuoteEnd(int at)
    {
        for (var i = at + 1; !_noQuote && i < _text.Length; i++)
        {
            if (_text[i] == '\\')
                i++;
            else if (_text[i] == '"')
                return i + 1;
        }

        _noQuote = true;
        return 0;
    }

    // The offset behind the closing bracket; 0 when there is none.
    private int CommentEnd(int at)
    {
        var depth = 0;
        for (var i = at; !_noComment && i < _text.Length; i++)
        {
            if (_text[i] == '\\')
                i++;
            else if (_text[i] == '(')
                depth++;
            else if (_text[i] == ')' && --depth == 0)
                return i + 1;
        }

        _noComment = true;
        return 0;
    }
}
