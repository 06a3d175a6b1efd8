using System.Globalization;
using System.Text.RegularExpressions;

namespace EmailIngestion.Faults;

/// <summary>Finds the lines of the pollers' logs about mailboxes whose cursor Redis has lost, and about started mailboxes.</summary>
internal static partial class HintLines
{
    /// <summary>The lowest UID above which each mailbox was read on from its hint.</summary>
    public static IReadOnlyDictionary<string, uint> ReadOnAbove(IEnumerable<string> files) =>
        Matches(files, Lost()).GroupBy(match => match.Groups[1].Value).ToDictionary(
            mailbox => mailbox.Key, mailbox => mailbox.Min(match => uint.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)),
            StringComparer.Ordinal);

    /// <summary>Mailboxes that were started more than once, by a poller that had no hint for them.</summary>
    public static IReadOnlyList<string> StartedAgain(IEnumerable<string> files) =>
        [.. Matches(files, First()).CountBy(match => match.Groups[1].Value).Where(mailbox => mailbox.Value > 1)
            .Select(mailbox => mailbox.Key)];

    private static Match[] Matches(IEnumerable<string> files, Regex line) =>
        [.. files.Where(File.Exists).SelectMany(File.ReadLines).Select(text => line.Match(text)).Where(match => match.Success)];

    [GeneratedRegex(@"(\S+): Redis lost its data before .* Reading on above UID (\d+)")]
    private static partial Regex Lost();

    [GeneratedRegex(@"(\S+): first poll")]
    private static partial Regex First();
}
