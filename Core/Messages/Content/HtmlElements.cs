using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>The open elements of an HTML text, with the HTML rules for end tags that are missing or misplaced.</summary>
internal sealed class HtmlElements
{
    // Deeper elements have no effect. Newsletters nest tables to about 100 elements.
    private const int MaxDepth = 400;

    private readonly List<HtmlElement> _open = [];
    private int _beyond;

    /// <summary>The innermost open element; null when there is none.</summary>
    public HtmlElement? Last => _open is [.., var last] ? last : null;

    /// <summary>The innermost open element with this name, not beyond the table around; null when there is none.</summary>
    public HtmlElement? Find(Func<HtmlTagId, bool> matches)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (matches(_open[i].Id))
                return _open[i];
            if (_open[i].Id == HtmlTagId.Table)
                return null;
        }

        return null;
    }

    /// <summary>Adds an element; false when they are nested too deep.</summary>
    public bool Add(HtmlElement element)
    {
        if (_open.Count == MaxDepth)
        {
            _beyond++;
            return false;
        }

        _open.Add(element);
        return true;
    }

    /// <summary>Removes the elements that end before an element of this name begins.</summary>
    public IReadOnlyList<HtmlElement> EndBefore(HtmlTagId id, bool isBlock) => id switch
    {
        HtmlTagId.LI => RemoveTo(HtmlTagId.LI, until => until is HtmlTagId.UL or HtmlTagId.OL || IsTablePart(until)),
        HtmlTagId.TD or HtmlTagId.TH => RemoveToCell(),
        HtmlTagId.TR => RemoveTo(HtmlTagId.TR, until => until == HtmlTagId.Table),
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

        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (_open[i].IsNamed(id, name))
                return RemoveFrom(i);
            if (IsTablePart(_open[i].Id) && !IsTablePart(id) && id is not (HtmlTagId.Body or HtmlTagId.Html))
                return [];
        }

        return [];
    }

    /// <summary>Removes all elements.</summary>
    public IReadOnlyList<HtmlElement> EndAll() => RemoveFrom(0);

    private List<HtmlElement> RemoveToCell()
    {
        var cell = Find(id => id is HtmlTagId.TD or HtmlTagId.TH or HtmlTagId.TR);
        return cell is { Id: HtmlTagId.TD or HtmlTagId.TH } ? RemoveTo(cell.Id, until => until == HtmlTagId.TR) : [];
    }

    private List<HtmlElement> RemoveTo(HtmlTagId id, Func<HtmlTagId, bool> until)
    {
        for (var i = _open.Count - 1; i >= 0 && !until(_open[i].Id); i--)
        {
            if (_open[i].Id == id)
                return RemoveFrom(i);
        }

        return [];
    }

    private List<HtmlElement> RemoveFrom(int index)
    {
        var removed = _open.GetRange(index, _open.Count - index);
        removed.Reverse();
        _open.RemoveRange(index, removed.Count);
        return removed;
    }

    private static bool IsTablePart(HtmlTagId id) => id is HtmlTagId.Table or HtmlTagId.TR or HtmlTagId.TD or HtmlTagId.TH;
}
