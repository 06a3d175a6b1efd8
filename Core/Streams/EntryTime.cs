using System.Globalization;

namespace EmailIngestion.Streams;

/// <summary>When an entry was appended, as its id says. A stranger may choose any id of two numbers of 64 bits.</summary>
internal static class EntryTime
{
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>UTC; the latest time there is for an id beyond it.</summary>
    public static DateTimeOffset Of(string entry)
    {
        var text = entry.AsSpan(0, entry.IndexOf('-', StringComparison.Ordinal));
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < Latest
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.FromUnixTimeMilliseconds(Latest);
    }
}
