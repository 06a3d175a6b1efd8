using System.Globalization;

namespace EmailIngestion.Servers;

/// <summary>One line of <c>CLUSTER NODES</c>.</summary>
internal sealed record ClusterNodeLine(int Port, bool IsPrimary, bool IsFailed, IReadOnlyList<(int First, int Last)> Slots)
{
    private const int FirstSlotWord = 8;

    public bool HasSlots => Slots.Count > 0;

    public bool Has(int slot) => Slots.Any(range => range.First <= slot && slot <= range.Last);

    // id ip:port@bus flags primary ping pong epoch link slot slot-slot [slot->-moving]
    public static ClusterNodeLine Read(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var port = words[1][(words[1].IndexOf(':', StringComparison.Ordinal) + 1)..words[1].IndexOf('@', StringComparison.Ordinal)];
        var flags = words[2].Split(',');
        return new ClusterNodeLine(
            Number(port),
            flags.Contains("master"),
            flags.Contains("fail"),
            [
                .. words.Skip(FirstSlotWord)
                    .Where(word => !word.StartsWith('['))
                    .Select(word => word.Split('-'))
                    .Select(range => (Number(range[0]), Number(range[^1]))),
            ]);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
