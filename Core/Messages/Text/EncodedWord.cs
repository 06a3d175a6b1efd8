namespace EmailIngestion.Messages.Text;

/// <summary>One encoded word (RFC 2047): <c>=?charset*language?B or Q?text?=</c>.</summary>
/// <param name="Page">The code page of the charset; <see cref="CharsetLabels.Unknown"/> for an unknown label.</param>
/// <param name="IsBase64">Whether the text is base64, not quoted-printable.</param>
/// <param name="Text">Where the text is in the value.</param>
/// <param name="End">Where the word ends in the value.</param>
internal readonly record struct EncodedWord(int Page, bool IsBase64, Range Text, int End)
{
    /// <summary>
    /// Reads the word at an offset. A word without its end goes to the next blank or the next word: some programs cut headers in it.
    /// </summary>
    /// <param name="close">The first <c>?=</c> known behind an earlier word, kept for the next one; so the time stays linear.</param>
    public static EncodedWord? Read(string value, int start, ref int close)
    {
        var label = start + 2;
        var question = value.AsSpan(label, Math.Min(value.Length - label, CharsetLabels.MaxLength)).IndexOfAny('?', ' ');
        if (question < 0 || value[label + question] != '?')
            return null;
        var text = label + question + 3;
        if (text > value.Length || value[text - 1] != '?' || value[text - 2] is not ('b' or 'B' or 'q' or 'Q'))
            return null;
        if (close < text)
            close = value.IndexOf("?=", text, StringComparison.Ordinal) is >= 0 and var found ? found : int.MaxValue;
        var (end, next) = close == int.MaxValue ? (value.Length, value.Length) : (close, close + 2);
        var other = value.AsSpan(text..end).IndexOf("=?");
        if (other > 0 || close == int.MaxValue)
        {
            var open = value.AsSpan(text, other < 0 ? end - text : other);
            var blank = open.IndexOf(' ');
            end = text + (blank < 0 ? open.Length : blank);
            next = end;
        }

        var language = value.AsSpan(label, question).IndexOf('*');
        var page = CharsetLabels.Find(value.AsSpan(label, language < 0 ? question : language));
        return new EncodedWord(page, value[text - 2] is 'b' or 'B', text..end, next);
    }
}
