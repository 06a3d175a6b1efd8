using System.Globalization;
using System.Text.RegularExpressions;

namespace EmailIngestion.Faults;

/// <summary>Finds the lines about stops at the stream limit in the pollers' logs.</summary>
internal static partial class StopLines
{
    public static IReadOnlyList<StopLine> Of(IEnumerable<string> files) =>
    [
        .. files.Where(File.Exists).SelectMany(File.ReadLines).Select(line => Line().Match(line)).Where(match => match.Success)
            .Select(match => new StopLine(
            match.Groups[1].Value is ['(', ..] ? null : Number(match.Groups[1].Value), Number(match.Groups[2].Value),
            Number(match.Groups[3].Value))),
    ];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"stops at the stream limit: lag (\d+|\(null\)), pending (\d+), limit (\d+)")]
    private static partial Regex Line();
}
