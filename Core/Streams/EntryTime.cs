using System.Globalization;

namespace EmailIngestion.Streams;

/// <summary>Reads the time of an entry's ID. Another program may append an entry with any ID of two 64-bit numbers.</summary>
internal static class EntryTime
{
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>When the entry was appended, UTC. The latest possible time for an ID beyond it.</summary>
    public static DateTimeOffset Of(string entry)
    {
        var text = entry.AsSpan(0, entry.IndexOf('-', StringComparison.Ordinal));
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < Latest
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.FromUnixTimeMilliseconds(Latest);
    }
}
