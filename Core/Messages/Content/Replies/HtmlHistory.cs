using MimeKit.Text;

namespace EmailIngestion.Messages.Content.Replies;

/// <summary>
/// Follows the tokens of an HTML answer and tells which are history by the marks of mail programs. Marks within quotations are those of
/// others and do not count. It takes constant time for each token.
/// </summary>
internal sealed class HtmlHistory
{
    // "From:", "Gesendet:" and the like begin Outlook's header, in any language.
    private const int MaxLabel = 30;

    private HtmlTagId _element;
    private int _depth;
    private bool _isBeforeQuote;
    private int _quotes;
    private bool _isAtHeader;

    /// <summary>Whether there was a mark.</summary>
    public bool IsMarked { get; private set; }

    /// <summary>Whether the rest is history.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether what follows is not shown.</summary>
    public bool IsMuted { get; private set; }

    /// <summary>Reads the next token. Returns whether history may have begun before it.</summary>
    public bool Read(HtmlToken token)
    {
        if (token is HtmlDataToken data)
        {
            ReadText(data.Data);
            return false;
        }

        if (token is not HtmlTagToken tag)
            return false;
        if (tag.Id == HtmlTagId.BlockQuote)
            ReadQuote(tag.IsEndTag);
        if (_depth > 0)
        {
            ReadWithin(tag);
            return false;
        }

        return _quotes == 0 && !tag.IsEndTag && Begin(tag);
    }

    private void ReadText(string text)
    {
        if (!_isAtHeader || string.IsNullOrWhiteSpace(text))
            return;
        _isAtHeader = false;
        var colon = text.AsSpan().TrimStart().IndexOfAny(':', '：');
        IsEnded = colon is > 0 and <= MaxLabel;
        IsMarked |= IsEnded;
    }

    private void ReadQuote(bool isEnd)
    {
        IsMarked = true;
        _quotes = isEnd ? Math.Max(0, _quotes - 1) : _quotes + 1;
        if (_isBeforeQuote)
            (_isBeforeQuote, IsMuted) = (false, false);
    }

    // Counts the elements of the same name up to the end of the marked one.
    private void ReadWithin(HtmlTagToken tag)
    {
        if (tag.Id != _element || tag.IsEmptyElement)
            return;
        _depth += tag.IsEndTag ? -1 : 1;
        if (_depth == 0)
            (_isBeforeQuote, IsMuted) = (false, false);
    }

    private bool Begin(HtmlTagToken tag)
    {
        var mark = HtmlMarks.Of(tag);
        switch (mark)
        {
            case HtmlMark.Rest:
                (IsEnded, IsMarked) = (true, true);
                break;
            case HtmlMark.Header:
                _isAtHeader = true;
                return true;
            case HtmlMark.Quoted or HtmlMark.Other when !tag.IsEmptyElement && !tag.Id.IsEmptyElement():
                (_element, _depth, IsMarked, IsMuted, _isBeforeQuote) = (tag.Id, 1, true, true, mark == HtmlMark.Quoted);
                break;
        }

        return false;
    }
}
