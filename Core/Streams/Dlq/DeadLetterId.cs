using System.Globalization;

namespace EmailIngestion.Streams.Dlq;

/// <summary>Checks and compares the IDs of dead letters: two numbers of 64 bits with a hyphen between.</summary>
public static class DeadLetterId
{
    /// <summary>Whether the text is an ID. The largest milliseconds are excluded, because no ID follows them.</summary>
    public static bool IsValid(string text) => TryParse(text, out var time, out _) && time < ulong.MaxValue;

    /// <summary>The later of an ID and the lower bound of a range.</summary>
    internal static string Later(string bound, string id) => bound == "-" || !IsAfter(bound, id) ? id : bound;

    /// <summary>The earlier of an ID and the upper bound of a range.</summary>
    internal static string Earlier(string bound, string id) => bound == "+" || IsAfter(bound, id) ? id : bound;

    /// <summary>The upper bound of a range that ends before an ID. No entry has the ID 0-0, before which Redis accepts no range.</summary>
    internal static string Before(string id) => TryParse(id, out var time, out var sequence) && (time, sequence) == (0, 0) ? id : $"({id}";

    private static bool IsAfter(string one, string other) =>
        TryParse(one, out var time, out var sequence) && TryParse(other, out var otherTime, out var otherSequence)
        && (time, sequence).CompareTo((otherTime, otherSequence)) > 0;

    private static bool TryParse(string text, out ulong time, out ulong sequence)
    {
        (time, sequence) = (0, 0);
        // TryParse accepts trailing zero bytes.
        return !text.Contains('\0', StringComparison.Ordinal)
            && text.Split('-') is [var first, var second]
            && ulong.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out time)
            && ulong.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
    }
}
