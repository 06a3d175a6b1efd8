using System.Buffers.Text;
using System.Text;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Reads the words of one line of a response, from the left. What it does not expect it refuses. Pure.</summary>
internal ref struct FetchLine(ReadOnlySpan<byte> line)
{
    private static ReadOnlySpan<byte> Fetch => " FETCH ("u8;

    private ReadOnlySpan<byte> _left = line;

    /// <summary>Whether the line has been read to its end.</summary>
    public readonly bool IsAtEnd => _left.IsEmpty;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Left => _left;

    /// <summary>Whether an item is the body, or its beginning.</summary>
    public static bool IsBody(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "BODY[]<0>"u8) || Ascii.EqualsIgnoreCase(name, "BODY[]"u8);

    /// <summary>Skips this text, in upper or lower case. False: it does not come next.</summary>
    public bool TrySkip(ReadOnlySpan<byte> text)
    {
        if (_left.Length < text.Length || !Ascii.EqualsIgnoreCase(_left[..text.Length], text))
            return false;
        _left = _left[text.Length..];
        return true;
    }

    /// <summary>Skips a space and further ones.</summary>
    public void SkipSpaces() => _left = _left.TrimStart((byte)' ');

    /// <summary>Reads up to the next space or parenthesis.</summary>
    /// <exception cref="UnreadableAnswerException">There is nothing, or a quoted string.</exception>
    public ReadOnlySpan<byte> Word()
    {
        var end = _left.IndexOfAny((byte)' ', (byte)'(', (byte)')');
        var word = end < 0 ? _left : _left[..end];
        if (word.IsEmpty || word.ContainsAny((byte)'"', (byte)'{'))
            throw new UnreadableAnswerException();
        _left = _left[word.Length..];
        return word;
    }

    /// <summary>Skips the beginning of a FETCH response after its star. False: it is another response.</summary>
    public bool TrySkipFetch()
    {
        var digits = _left.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0 || !Ascii.EqualsIgnoreCase(_left[digits..Math.Min(_left.Length, digits + Fetch.Length)], Fetch))
            return false;
        _left = _left[(digits + Fetch.Length)..];
        return true;
    }

    /// <summary>Reads a number; null for another word.</summary>
    /// <exception cref="UnreadableAnswerException">There is no word.</exception>
    public long? Number()
    {
        var word = Word();
        return Utf8Parser.TryParse(word, out long number, out var read) && read == word.Length && number >= 0 ? number : null;
    }

    /// <summary>Reads a quoted string without its quotes; empty for another word.</summary>
    /// <exception cref="UnreadableAnswerException">The string has no end, or an escaped character.</exception>
    public ReadOnlySpan<byte> Quoted()
    {
        if (!TrySkip("\""u8))
        {
            Word();
            return default;
        }

        var end = _left.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0 || _left[end] == (byte)'\\')
            throw new UnreadableAnswerException();
        var text = _left[..end];
        _left = _left[(end + 1)..];
        return text;
    }

    /// <summary>Reads the size of a literal, which ends the line; null when no literal comes next.</summary>
    /// <exception cref="UnreadableAnswerException">The size is malformed.</exception>
    public long? Literal()
    {
        if (!TrySkip("{"u8))
            return null;
        if (!Utf8Parser.TryParse(_left, out long size, out var read) || size < 0)
            throw new UnreadableAnswerException();
        _left = _left[read..];
        TrySkip("+"u8);
        if (!TrySkip("}"u8) || !IsAtEnd)
            throw new UnreadableAnswerException();
        return size;
    }

    /// <summary>Whether the line ends with the size of a literal, whatever comes before it.</summary>
    public readonly bool EndsWithLiteral()
    {
        var left = _left.EndsWith("}"u8) ? _left[..^1] : default;
        if (left.EndsWith("+"u8))
            left = left[..^1];
        var size = left[(left.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9') + 1)..];
        return !size.IsEmpty && left[..^size.Length].EndsWith("{"u8);
    }

    /// <summary>Reads a list of words.</summary>
    /// <exception cref="UnreadableAnswerException">It is none, or has something else.</exception>
    public IReadOnlyCollection<string> Words()
    {
        if (!TrySkip("("u8))
            throw new UnreadableAnswerException();
        List<string>? words = null;
        for (SkipSpaces(); !TrySkip(")"u8); SkipSpaces())
            (words ??= []).Add(Encoding.UTF8.GetString(Word()));
        return words ?? (IReadOnlyCollection<string>)[];
    }

    /// <summary>Skips a word, a quoted string, or a list of words and lists.</summary>
    /// <exception cref="UnreadableAnswerException">It is none of them, or nested too deep.</exception>
    public void SkipValue()
    {
        var depth = 0;
        do
        {
            SkipSpaces();
            if (TrySkip("("u8))
                depth++;
            else if (depth > 0 && TrySkip(")"u8))
                depth--;
            else
                Quoted();
            if (depth > ResponseBudget.MaxDepth)
                throw new UnreadableAnswerException();
        }
        while (depth > 0);
    }
}
