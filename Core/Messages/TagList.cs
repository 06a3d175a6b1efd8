using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// The flags or labels of an email as the mail server gives them: at most 100, of 200 characters each, without control characters.
/// </summary>
internal static class TagList
{
    /// <summary>The most tags of one list.</summary>
    public const int MaxCount = 100;

    private const int MaxLength = 200;
    private const char Separator = '\n';

    /// <summary>The tags within the bounds, each once, in their order; null when there are none.</summary>
    public static IReadOnlyList<string>? Of(IEnumerable<string?> tags)
    {
        var list = tags.Where(tag => !string.IsNullOrWhiteSpace(tag)).Select(tag => Clean(tag!)).Distinct().Take(MaxCount).ToArray();
        return list.Length == 0 ? null : list;
    }

    /// <summary>The most bytes of a list as <see cref="Write"/> writes it.</summary>
    public static int MaxBytes(IReadOnlyList<string>? tags) => tags?.Sum(tag => Encoding.UTF8.GetMaxByteCount(tag.Length)) ?? 0;

    /// <summary>Writes a list as one text, with a line for each tag.</summary>
    public static string Write(IReadOnlyList<string> tags) => string.Join(Separator, tags);

    /// <summary>Reads what <see cref="Write"/> wrote. Null for null.</summary>
    public static IReadOnlyList<string>? Read(string? text) =>
        // Cut first: a field of another writer may have millions of lines.
        text is null ? null : Of(BoundedText.Cut(text, MaxCount * (MaxLength + 1)).Split(Separator));

    private static string Clean(string tag)
    {
        tag = BoundedText.Cut(tag, MaxLength);
        return tag.Any(char.IsControl) ? string.Concat(tag.Select(character => char.IsControl(character) ? ' ' : character)) : tag;
    }
}
