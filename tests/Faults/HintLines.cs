using System.Globalization;
using System.Text.RegularExpressions;

namespace EmailIngestion.Faults;

/// <summary>What the pollers' logs say of mailboxes whose cursor Redis has lost, and of those that were begun.</summary>
internal static partial class HintLines
{
    /// <summary>Above which UID each mailbox was read on from its hint: the lowest.</summary>
    public static IReadOnlyDictionary<string, uint> ReadOnAbove(IEnumerable<string> files) =>
        Matches(files, Lost()).GroupBy(match => match.Groups[1].Value).ToDictionary(
            mailbox => mailbox.Key, mailbox => mailbox.Min(match => uint.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)), StringComparer.Ordinal);

    /// <summary>Mailboxes that were begun more than once: by a poller that knew nothing of them any more.</summary>
    public static IReadOnlyList<string> BegunAgain(IEnumerable<string> files) =>
        [.. Matches(files, First()).CountBy(match => match.Groups[1].Value).Where(mailbox => mailbox.Value > 1).Select(mailbox => mailbox.Key)];

    private static Match[] Matches(IEnumerable<string> files, Regex line) =>
        [.. files.Where(File.Exists).SelectMany(File.ReadLines).Select(text => line.Match(text)).Where(match => match.Success)];

    [GeneratedRegex(@"(\S+): Redis lost its data before .* Reading on above UID (\d+)")]
    private static partial Regex Lost();

    [GeneratedRegex(@"(\S+): first poll")]
    private static partial Regex First();
}
