using System.Globalization;
using System.Text;
using EmailIngestion.Messages;

namespace EmailIngestion.Corpus;

/// <summary>Counts the differences by kind, and keeps some examples of each.</summary>
/// <param name="only">The kind to show; null shows all.</param>
/// <param name="examples">How many examples of a kind are shown.</param>
internal sealed class CorpusReport(string? only, int examples)
{
    private const int MaxShown = 160;

    private readonly SortedDictionary<string, List<(string Name, Difference Difference)>> _kinds = new(StringComparer.Ordinal);
    private int _emails;
    private int _same;
    private int _refused;

    /// <summary>Whether no named part and no inline text is missing.</summary>
    public bool IsGood => !_kinds.Keys.Any(kind => kind.StartsWith(Comparison.MissingPart, StringComparison.Ordinal)
        || kind.StartsWith(Comparison.MissingText, StringComparison.Ordinal));

    public void Add(string name, ParsedEmail? ours, PeerEmail[] theirs)
    {
        _emails++;
        if (ours is null)
        {
            _refused++;
            return;
        }

        var found = theirs.Where(one => one.Error is null).SelectMany(one => Comparison.Find(ours, one)).ToArray();
        _same += found.Length == 0 ? 1 : 0;
        // Both parsers against ours weigh more than one of them.
        foreach (var same in found.GroupBy(one => (one.Kind, one.Theirs)))
        {
            var kind = same.Select(one => one.Parser).Distinct().Count() > 1 ? $"{same.Key.Kind} (both)" : $"{same.Key.Kind} ({same.First().Parser})";
            if (!_kinds.TryGetValue(kind, out var list))
                _kinds.Add(kind, list = []);
            list.Add((name, same.First()));
        }
    }

    public string Write()
    {
        var text = new StringBuilder();
        foreach (var (kind, found) in _kinds.Where(one => only is null || one.Key.StartsWith(only, StringComparison.Ordinal)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{kind}: {found.Count} in {found.Select(one => one.Name).Distinct().Count()} emails\n");
            foreach (var (name, difference) in found.Take(examples))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {name}\n    theirs: {Shown(difference.Theirs)}\n    ours:   {Shown(difference.Ours)}\n");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"{_emails} emails: {_same} without a difference, {_refused} too complex.\n").ToString();
    }

    private static string Shown(string value) => BoundedText.Line(value, MaxShown);
}
