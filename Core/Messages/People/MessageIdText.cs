namespace EmailIngestion.Messages.People;

/// <summary>
/// Reads message IDs from a decoded header value: with or without angle brackets, with blanks in them, with commas between them.
/// </summary>
internal static class MessageIdText
{
    /// <summary>The largest length of an ID, in characters. A longer one is cut, everywhere in the same way.</summary>
    public const int MaxLength = 500;

    /// <summary>The first ID without its angle brackets. A value that holds no ID is one as it is.</summary>
    public static string First(string value)
    {
        foreach (var id in All(value, isList: false))
            return id;
        return Bounded(value.Trim('<', '>', ' '));
    }

    /// <summary>The IDs in their order.</summary>
    /// <param name="isList">Whether what is outside of angle brackets may be an ID too. Otherwise only where there are no brackets.</param>
    public static IEnumerable<string> All(string value, bool isList)
    {
        var hasBrackets = value.Contains('<', StringComparison.Ordinal);
        for (var at = 0; at < value.Length;)
        {
            var open = value.IndexOf('<', at);
            if (isList || !hasBrackets)
            {
                foreach (var word in Words(value[at..(open < 0 ? value.Length : open)], isAlone: !hasBrackets))
                    yield return word;
            }

            if (open < 0)
                break;
            var end = value.AsSpan(open + 1).IndexOfAny('<', '>') is >= 0 and var found ? open + 1 + found : value.Length;
            var isClosed = end < value.Length && value[end] == '>';
            if (Id(value.AsSpan((open + 1)..end), isClosed) is { Length: > 0 } id)
                yield return id;
            at = isClosed ? end + 1 : end;
        }
    }

    // An ID with a blank was folded. One that is not closed ends at a blank or a comma.
    private static string Id(ReadOnlySpan<char> text, bool isClosed)
    {
        text = text.Trim(" ,");
        if (!isClosed && text.IndexOfAny(' ', ',') is >= 0 and var end)
            text = text[..end];
        return Bounded(text.Contains(' ') ? text.ToString().Replace(" ", "", StringComparison.Ordinal) : text.ToString());
    }

    // Only a word with an @ is an ID, or one that stands alone.
    private static IEnumerable<string> Words(string text, bool isAlone)
    {
        var words = text.Split([' ', ',', ';', '>'], StringSplitOptions.RemoveEmptyEntries);
        return words
            .Select(word => word.Trim('"', '\'', '(', ')'))
            .Where(word => word.Length > 0 && ((isAlone && words.Length == 1) || word.IndexOf('@', StringComparison.Ordinal) > 0))
            .Select(Bounded);
    }

    private static string Bounded(string id) => BoundedText.Cut(id, MaxLength);
}
