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
            var parsers = same.Select(one => one.Parser).Distinct().ToArray();
            var kind = $"{same.Key.Kind} ({(parsers.Length > 1 ? "both" : parsers[0])})";
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
            var emails = found.Select(one => one.Name).Distinct().Count();
            text.Append(CultureInfo.InvariantCulture, $"{kind}: {found.Count} in {emails} emails\n");
            foreach (var (name, difference) in found.Take(examples))
            {
                var (theirs, ours) = (Shown(difference.Theirs), Shown(difference.Ours));
                text.Append(CultureInfo.InvariantCulture, $"  {name}\n    theirs: {theirs}\n    ours:   {ours}\n");
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"{_emails} emails: {_same} without a difference, {_refused} too complex.\n");
        return text.ToString();
    }

    private static string Shown(string value) => BoundedText.Line(value, MaxShown);
}
