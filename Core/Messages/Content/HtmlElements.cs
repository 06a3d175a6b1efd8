using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// The open elements of an HTML text, with the HTML rules for end tags that are missing or misplaced. The innermost element of each name is
/// known, so that nothing is searched for.
/// </summary>
internal sealed class HtmlElements
{
    // Deeper elements have no effect. Newsletters nest tables to about 100 elements.
    private const int MaxDepth = 400;

    private readonly List<HtmlElement> _open = [];

    // The index of the innermost open element of each name.
    private readonly Dictionary<string, int> _innermost = new(StringComparer.OrdinalIgnoreCase);
    private int _beyond;

    /// <summary>The innermost open element; null when there is none.</summary>
    public HtmlElement? Last => _open is [.., var last] ? last : null;

    /// <summary>The innermost open element with one of these names, not beyond the table around; null when there is none.</summary>
    public HtmlElement? Find(params ReadOnlySpan<HtmlTagId> ids)
    {
        var index = Innermost(ids);
        return index > Innermost(HtmlTagId.Table) ? _open[index] : null;
    }

    /// <summary>Adds an element; false when they are nested too deep.</summary>
    public bool Add(HtmlElement element)
    {
        if (_open.Count == MaxDepth)
        {
            _beyond++;
            return false;
        }

        element.Outer = _innermost.GetValueOrDefault(element.Key, -1);
        _innermost[element.Key] = _open.Count;
        _open.Add(element);
        return true;
    }

    /// <summary>Removes the elements that end before an element of this name begins.</summary>
    public IReadOnlyList<HtmlElement> EndBefore(HtmlTagId id, bool isBlock) => id switch
    {
        HtmlTagId.LI => RemoveFrom(Within(
            Innermost(HtmlTagId.LI),
            Innermost(HtmlTagId.UL, HtmlTagId.OL, HtmlTagId.Table, HtmlTagId.TR, HtmlTagId.TD, HtmlTagId.TH))),
        HtmlTagId.TD or HtmlTagId.TH => RemoveFrom(Within(
            Innermost(HtmlTagId.TD, HtmlTagId.TH),
            Innermost(HtmlTagId.TR, HtmlTagId.Table))),
        HtmlTagId.TR => RemoveFrom(Within(Innermost(HtmlTagId.TR), Innermost(HtmlTagId.Table))),
        _ when isBlock && Last is { Id: HtmlTagId.P } => RemoveFrom(_open.Count - 1),
        _ => [],
    };

    /// <summary>Removes the elements that end with an end tag. An end tag in a table cell ends nothing outside.</summary>
    public IReadOnlyList<HtmlElement> End(HtmlTagId id, string name)
    {
        if (_beyond > 0)
        {
            _beyond--;
            return [];
        }

        var index = _innermost.GetValueOrDefault(HtmlElement.KeyOf(id, name), -1);
        var isOutermost = id is HtmlTagId.Body or HtmlTagId.Html || IsTablePart(id);
        return RemoveFrom(isOutermost ? index : Within(index, Innermost(HtmlTagId.Table, HtmlTagId.TR, HtmlTagId.TD, HtmlTagId.TH)));
    }

    /// <summary>Removes all elements.</summary>
    public IReadOnlyList<HtmlElement> EndAll() => RemoveFrom(_open.Count > 0 ? 0 : -1);

    // The index if it is within the element around; -1 otherwise.
    private static int Within(int index, int around) => index > around ? index : -1;

    private int Innermost(params ReadOnlySpan<HtmlTagId> ids)
    {
        var innermost = -1;
        foreach (var id in ids)
            innermost = Math.Max(innermost, _innermost.GetValueOrDefault(HtmlElement.KeyOf(id, ""), -1));
        return innermost;
    }

    private HtmlElement[] RemoveFrom(int index)
    {
        if (index < 0)
            return [];
        var removed = new HtmlElement[_open.Count - index];
        for (var i = 0; i < removed.Length; i++)
        {
            var element = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            if (element.Outer < 0)
                _innermost.Remove(element.Key);
            else
                _innermost[element.Key] = element.Outer;
            removed[i] = element;
        }

        return removed;
    }

    private static bool IsTablePart(HtmlTagId id) => id is HtmlTagId.Table or HtmlTagId.TR or HtmlTagId.TD or HtmlTagId.TH;
}
