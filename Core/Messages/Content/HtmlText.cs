using EmailIngestion.Messages.Content.Replies;
using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Makes plain text from HTML as a person would read it: blocks and line breaks as lines, lists with marks, links with their targets, table
/// rows as lines, quotations with <c>&gt;</c>. It takes time in proportion to the length, whatever the HTML.
/// </summary>
internal sealed class HtmlText
{
    private readonly HtmlElements _elements = new();
    private readonly TextLines _lines;
    private readonly HtmlHistory? _history;
    private HtmlLink? _link;
    private int _hidden;
    private int _preformatted;
    private bool _isAtPre;

    private HtmlText(int maxLength, HtmlHistory? history) => (_lines, _history) = (new TextLines(maxLength), history);

    private bool IsHidden => _hidden > 0 || _history is { IsMuted: true };

    /// <summary>Reads at most this many characters of text.</summary>
    public static string Read(string html, int maxLength, CancellationToken cancellationToken) =>
        new HtmlText(maxLength, history: null).Read(html, cancellationToken);

    /// <summary>
    /// Reads the text of an answer without the history that its marks tell, but with quotations; null when there are no marks.
    /// </summary>
    public static string? ReadAnswer(string html, int maxLength, CancellationToken cancellationToken)
    {
        var history = new HtmlHistory();
        var text = new HtmlText(maxLength, history).Read(html, cancellationToken);
        return history.IsMarked ? text : null;
    }

    private string Read(string html, CancellationToken cancellationToken)
    {
        using var reader = new StringReader(html);
        var tokenizer = new HtmlTokenizer(reader) { IgnoreTruncatedTags = true };
        var end = 0;
        while (!_lines.IsFull && tokenizer.ReadNextToken(out var token))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_history?.Read(token) == true)
                end = _lines.FlushedLength();
            if (_history is { IsEnded: true })
                return Finish(token is HtmlDataToken ? end : int.MaxValue);
            Add(token);
        }

        return Finish(int.MaxValue);
    }

    private string Finish(int length)
    {
        Close(_elements.EndAll());
        EndLink();
        var text = _lines.ToString();
        return BoundedText.Cut(text, length);
    }

    private void Add(HtmlToken token)
    {
        switch (token)
        {
            case HtmlTagToken { IsEndTag: true } tag:
                End(tag);
                break;
            case HtmlTagToken tag:
                Begin(tag);
                break;
            case HtmlScriptDataToken:
                break;
            case HtmlDataToken data:
                Write(data.Data);
                break;
        }
    }

    private void Write(string text)
    {
        if (IsHidden)
            return;
        _link?.Write(text);
        if (_preformatted == 0)
            _lines.Write(text);
        else
            // The line break right after <pre> is not shown.
            _lines.WriteLines(_isAtPre ? text.AsSpan().TrimStart('\r').TrimStart('\n') : text);
        _isAtPre = false;
    }

    private void Begin(HtmlTagToken tag)
    {
        var effect = HtmlEffects.Of(tag);
        Close(_elements.EndBefore(tag.Id, effect.HasFlag(HtmlEffect.Block)));
        if (!IsHidden)
            Show(tag, effect);
        // Formatting has no effect on the text. In hidden text each element counts, to find the end.
        if (tag.Id.IsEmptyElement() || tag.IsEmptyElement || (effect == HtmlEffect.None && _hidden == 0))
            return;
        var element = new HtmlElement(tag.Id, tag.Name, effect) { Number = tag.Id == HtmlTagId.TR ? _lines.Count : HtmlLists.Start(tag) };
        if (!_elements.Add(element))
            return;
        _hidden += effect.HasFlag(HtmlEffect.Hidden) ? 1 : 0;
        _preformatted += effect.HasFlag(HtmlEffect.Preformatted) ? 1 : 0;
        _lines.Quotes += effect.HasFlag(HtmlEffect.Quote) ? 1 : 0;
        _lines.Indent += effect.HasFlag(HtmlEffect.Indent) ? 1 : 0;
    }

    private void End(HtmlTagToken tag)
    {
        if (tag.Id == HtmlTagId.A)
            EndLink();
        var ended = _elements.End(tag.Id, tag.Name);
        Close(ended);
        // Browsers begin a line here, too.
        if (ended.Count == 0 && !IsHidden)
            Space(HtmlEffects.Of(tag));
    }

    private void Close(IReadOnlyList<HtmlElement> elements)
    {
        foreach (var element in elements)
        {
            if (!IsHidden)
                Space(element.Effect);
            if (element.Id == HtmlTagId.LI)
                _lines.Marker = null;
            _hidden -= element.Effect.HasFlag(HtmlEffect.Hidden) ? 1 : 0;
            _preformatted -= element.Effect.HasFlag(HtmlEffect.Preformatted) ? 1 : 0;
            _lines.Quotes -= element.Effect.HasFlag(HtmlEffect.Quote) ? 1 : 0;
            _lines.Indent -= element.Effect.HasFlag(HtmlEffect.Indent) ? 1 : 0;
        }
    }

    private void Show(HtmlTagToken tag, HtmlEffect effect)
    {
        if (effect.HasFlag(HtmlEffect.Hidden))
            return;
        Space(effect);
        _isAtPre = tag.Id == HtmlTagId.Pre;
        switch (tag.Id)
        {
            case HtmlTagId.Br:
                _lines.NewLine();
                break;
            case HtmlTagId.HR:
                _lines.Write("---");
                _lines.Break();
                break;
            case HtmlTagId.Image when HtmlEffects.Value(tag, HtmlAttributeId.Alt) is { Length: > 0 } alt:
                Write(alt);
                break;
            case HtmlTagId.A:
                EndLink();
                _link = HtmlLink.Begin(HtmlEffects.Value(tag, HtmlAttributeId.Href));
                break;
            case HtmlTagId.LI:
                _lines.Marker = HtmlLists.Marker(_elements.Find(HtmlTagId.OL, HtmlTagId.UL), tag);
                break;
            case HtmlTagId.TR:
                _lines.Flush();
                break;
            case HtmlTagId.TD or HtmlTagId.TH:
                // Cells of one line each are one line. The others are below each other.
                if (_elements.Find(HtmlTagId.TR)?.Number == _lines.Count)
                    _lines.Join();
                else
                    _lines.Break();
                break;
        }
    }

    private void Space(HtmlEffect effect)
    {
        if (effect.HasFlag(HtmlEffect.Margin))
            _lines.Margin();
        else if (effect.HasFlag(HtmlEffect.Block))
            _lines.Break();
    }

    private void EndLink()
    {
        if (_link?.End() is { } target && !IsHidden)
            _lines.WriteAfter($"({target})");
        _link = null;
    }
}
