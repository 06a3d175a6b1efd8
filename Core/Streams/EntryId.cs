namespace EmailIngestion.Streams;

/// <summary>Checks and compares the IDs of a stream's entries: two numbers of 64 bits with a hyphen between.</summary>
public static class EntryId
{
    /// <summary>Whether the text is an ID. The largest milliseconds are excluded, because no ID follows them.</summary>
    public static bool IsValid(string text) => EntryPosition.TryParse(text, out var id) && id.Milliseconds < ulong.MaxValue;

    /// <summary>The later of an ID and the lower bound of a range.</summary>
    internal static string Later(string bound, string id) => bound == "-" || !IsAfter(bound, id) ? id : bound;

    /// <summary>The earlier of an ID and the upper bound of a range.</summary>
    internal static string Earlier(string bound, string id) => bound == "+" || IsAfter(bound, id) ? id : bound;

    /// <summary>The upper bound of a range that ends before an ID. No entry has the ID 0-0, before which Redis accepts no range.</summary>
    internal static string Before(string id) => EntryPosition.TryParse(id, out var first) && first == default ? id : $"({id}";

    private static bool IsAfter(string one, string other) =>
        EntryPosition.TryParse(one, out var position) && EntryPosition.TryParse(other, out var otherPosition)
        && position.CompareTo(otherPosition) > 0;
}
