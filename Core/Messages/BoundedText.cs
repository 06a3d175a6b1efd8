namespace EmailIngestion.Messages;

internal static class BoundedText
{
    /// <summary>At most so many characters of a text, without half of a surrogate pair at the end.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
