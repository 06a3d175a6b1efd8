using System.Text;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages.People;

/// <summary>Collects the pieces of one item of an address list and makes people of them. Nothing of it is dropped.</summary>
internal sealed class AddressItem
{
    private const int MaxText = 1_000;

    private readonly StringBuilder _phrase = new();
    private readonly StringBuilder _comment = new();
    private string? _address;
    private bool _hasSign;
    private bool _hasWord;

    /// <summary>Whether the address in brackets has been read.</summary>
    public bool HasAddress => _address is not null && AddressText.Read(_address) is not null;

    /// <summary>Whether there is an <c>@</c> outside of quotes and encoded words.</summary>
    public bool HasSign => _hasSign;

    /// <summary>The words so far.</summary>
    public string Phrase => Text(_phrase.ToString());

    public void AddText(ReadOnlySpan<char> text)
    {
        _phrase.Append(text);
        _hasSign |= text.Contains('@');
    }

    /// <summary>Whether the item is a name without an address.</summary>
    public bool IsName => _address is null && !_hasSign && Phrase.Length > 0;

    /// <summary>Whether the item is a name and an address in brackets.</summary>
    public bool HasName => HasAddress && Phrase.Length > 0;

    public void AddQuoted(ReadOnlySpan<char> quoted)
    {
        var text = Unescaped(quoted);
        _phrase.Append(text);
        _hasSign |= AddressText.IsAddress(text);
    }

    public void AddWord(ReadOnlySpan<char> word)
    {
        _phrase.Append(word);
        _hasWord = true;
    }

    public void AddComment(ReadOnlySpan<char> text) => _comment.Append(_comment.Length == 0 ? "" : " ").Append(text);

    public void AddAddress(string text) => _address = string.IsNullOrWhiteSpace(_address) ? text : _address;

    /// <summary>The text of encoded words that holds an address; null when the item has an address of its own.</summary>
    public string? Encoded()
    {
        if (_address is not null || _hasSign || !_hasWord)
            return null;
        var text = HeaderText.DecodeWords(_phrase.ToString());
        return text.Contains('@', StringComparison.Ordinal) ? text : null;
    }

    /// <summary>The people of the item.</summary>
    /// <param name="written">The item as written.</param>
    public IEnumerable<ParsedAddress> People(string written, string? group)
    {
        var raw = BoundedText.Cut(HeaderText.DecodeWords(written), MaxText);
        if (_address is not null)
            return [InBrackets(_address, raw, group)];
        return _hasSign ? Bare(raw, group) : [new ParsedAddress(Name(Phrase), null, group, raw)];
    }

    private ParsedAddress InBrackets(string text, string raw, string? group)
    {
        var name = Name(Phrase);
        var address = AddressText.Read(text);
        if (address is not null)
        {
            var isWhole = AddressText.IsPlain(address) && (text is ['"', ..] || !text.Trim().Contains(' ', StringComparison.Ordinal));
            return new ParsedAddress(name, address, group, isWhole ? null : raw);
        }

        // A local name, such as <root>, is better than none.
        var local = text.Trim();
        var isLocal = local.Length is > 0 and <= MaxText && local.AsSpan().IndexOfAny(' ', '@') < 0;
        return new ParsedAddress(name, isLocal ? local : null, group, raw);
    }

    private List<ParsedAddress> Bare(string raw, string? group)
    {
        var phrase = _phrase.ToString().Replace(" @", "@", StringComparison.Ordinal).Replace("@ ", "@", StringComparison.Ordinal);
        var words = phrase.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var addresses = words.Where(word => AddressText.IsAddress(word)).ToList();
        if (addresses.Count == words.Length && words.Length > 1)
            return [.. addresses.Select(word => Plain(null, word, raw, group))];
        if (addresses.Count == 0)
            return [new ParsedAddress(Name(Text(phrase)), null, group, raw)];
        var name = string.Join(' ', words.Where(word => !ReferenceEquals(word, addresses[^1])));
        var person = Plain(Name(Text(name)), addresses[^1], raw, group);
        return [addresses.Count == 1 ? person : person with { Raw = raw }];
    }

    private static ParsedAddress Plain(string? name, string word, string raw, string? group)
    {
        var address = AddressText.Read(word);
        return new ParsedAddress(name, address, group, address is not null && AddressText.IsPlain(address) ? null : raw);
    }

    private string? Name(string phrase)
    {
        var name = phrase.Length > 0 ? phrase : Text(_comment.ToString());
        return name.Length == 0 ? null : BoundedText.Cut(name, MaxText);
    }

    private static string Text(string written)
    {
        var text = string.Join(' ', HeaderText.DecodeWords(written).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return text is ['"', .., '"'] && text.Length > 2 ? text[1..^1] : text;
    }

    private static string Unescaped(ReadOnlySpan<char> quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
            text.Append(quoted[i] == '\\' && i + 1 < quoted.Length ? quoted[++i] : quoted[i]);
        return text.ToString();
    }
}
