using System.Buffers;
using MimeKit.Text;

namespace EmailIngestion.Messages.Content.Replies;

/// <summary>Finds the marks that mail programs leave in the HTML of an answer.</summary>
internal static class HtmlMarks
{
    private const int MaxLength = 1_000;

    private static readonly (string Name, HtmlMark Mark)[] Ids =
    [
        // Outlook on the web, the new Outlook, Outlook for Mac, Hotmail.
        ("appendonsend", HtmlMark.Rest), ("divRplyFwdMsg", HtmlMark.Rest), ("mail-editor-reference-message-container", HtmlMark.Rest),
        ("OLK_SRC_BODY_SECTION", HtmlMark.Rest), ("stopSpelling", HtmlMark.Rest),
        ("Signature", HtmlMark.Other), ("ms-outlook-mobile-signature", HtmlMark.Other),
    ];

    private static readonly (string Name, HtmlMark Mark)[] Classes =
    [
        // Gmail, Thunderbird, Proton Mail, Zoho.
        ("gmail_quote", HtmlMark.Quoted), ("protonmail_quote", HtmlMark.Quoted), ("zmail_extra", HtmlMark.Quoted),
        ("OutlookMessageHeader", HtmlMark.Rest),
        ("gmail_attr", HtmlMark.Other), ("moz-cite-prefix", HtmlMark.Other),
        ("gmail_signature", HtmlMark.Other), ("gmail_signature_prefix", HtmlMark.Other), ("moz-signature", HtmlMark.Other),
        ("protonmail_signature_block", HtmlMark.Other),
    ];

    // Yahoo writes "yahoo_quoted", also with its own prefix and a number.
    private const string Yahoo = "yahoo_quoted";

    private static readonly SearchValues<string> Names = SearchValues.Create(
        [.. Ids.Concat(Classes).Select(one => one.Name), Yahoo], StringComparison.OrdinalIgnoreCase);

    // Newsletters have these, too.
    private static readonly SearchValues<string> Frequent = SearchValues.Create(["border-top", "cite"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an HTML text may have marks.</summary>
    /// <param name="html">The text.</param>
    /// <param name="isAnswer">Whether the email is an answer. Others have only marks of signatures.</param>
    public static bool MayBeIn(string html, bool isAnswer) =>
        html.AsSpan().ContainsAny(Names) || (isAnswer && html.AsSpan().ContainsAny(Frequent));

    /// <summary>The mark of an element.</summary>
    public static HtmlMark Of(HtmlTagToken tag)
    {
        if (tag.Id == HtmlTagId.BlockQuote)
            return HtmlMark.Quote;
        if (tag.Attributes.Count == 0)
            return HtmlMark.None;
        if (HtmlEffects.Value(tag, HtmlAttributeId.Id) is { Length: > 0 } id && Named(Ids, id) is var byId and not HtmlMark.None)
            return byId;
        if (HtmlEffects.Value(tag, HtmlAttributeId.Class) is { Length: > 0 and <= MaxLength } classes && ByClass(classes) is var mark
            and not HtmlMark.None)
            return mark;
        var isHeader = tag.Id == HtmlTagId.Div && HtmlEffects.Value(tag, HtmlAttributeId.Style) is { Length: <= MaxLength } style
            && style.Contains("border-top", StringComparison.OrdinalIgnoreCase)
            && style.Contains("solid", StringComparison.OrdinalIgnoreCase);
        return isHeader ? HtmlMark.Header : HtmlMark.None;
    }

    private static HtmlMark ByClass(string classes)
    {
        foreach (var range in classes.AsSpan().Split(' '))
        {
            var name = classes.AsSpan(range);
            if (Named(Classes, name) is var mark and not HtmlMark.None)
                return mark;
            // It may be without a quotation in it.
            if (name.EndsWith(Yahoo, StringComparison.OrdinalIgnoreCase))
                return HtmlMark.Other;
        }

        return HtmlMark.None;
    }

    private static HtmlMark Named((string Name, HtmlMark Mark)[] marks, ReadOnlySpan<char> name)
    {
        foreach (var (known, mark) in marks)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                return mark;
        }

        return HtmlMark.None;
    }
}
