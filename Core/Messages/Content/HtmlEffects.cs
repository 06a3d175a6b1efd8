using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Finds what an element does to the text in it, by its name and its attributes.</summary>
internal static class HtmlEffects
{
    public static HtmlEffect Of(HtmlTagToken tag)
    {
        var effect = ByName(tag);
        if (tag.IsEndTag || tag.Attributes.Count == 0)
            return effect;
        if (Value(tag, HtmlAttributeId.Style) is { Length: > 0 } style)
            effect = Styled(tag, effect, style);
        if (tag.Attributes.Contains("hidden"))
            effect |= HtmlEffect.Hidden;
        // Outlook's paragraphs have no margin.
        if (tag.Id == HtmlTagId.P && Value(tag, HtmlAttributeId.Class)?.StartsWith("Mso", StringComparison.OrdinalIgnoreCase) == true)
            effect &= ~HtmlEffect.Margin;
        return effect;
    }

    /// <summary>The first value of an attribute; null when there is none.</summary>
    public static string? Value(HtmlTagToken tag, HtmlAttributeId id) =>
        tag.Attributes.TryGetValue(id, out var attribute) ? attribute.Value : null;

    private static bool IsHiddenName(string name) =>
        name.Equals("template", StringComparison.OrdinalIgnoreCase) || name.Equals("svg", StringComparison.OrdinalIgnoreCase);

    private static HtmlEffect Styled(HtmlTagToken tag, HtmlEffect effect, string style)
    {
        if (HtmlStyle.IsHidden(style))
            effect |= HtmlEffect.Hidden;
        if (HtmlStyle.IsPreformatted(style))
            effect |= HtmlEffect.Preformatted;
        if (tag.Id == HtmlTagId.P && HtmlStyle.IsWithoutMargin(style))
            effect &= ~HtmlEffect.Margin;
        // Gmail and Outlook make "increase indent" a quotation without a border.
        if (effect.HasFlag(HtmlEffect.Quote) && HtmlStyle.IsWithoutBorder(style) && Value(tag, HtmlAttributeId.Type) != "cite")
            effect = (effect & ~HtmlEffect.Quote) | HtmlEffect.Indent;
        return effect;
    }

    private static HtmlEffect ByName(HtmlTagToken tag) => tag.Id switch
    {
        HtmlTagId.Script or HtmlTagId.Style or HtmlTagId.Title or HtmlTagId.NoScript or HtmlTagId.Select
            or HtmlTagId.IFrame or HtmlTagId.NoFrames or HtmlTagId.NoEmbed or HtmlTagId.Xml => HtmlEffect.Hidden,
        HtmlTagId.Pre or HtmlTagId.Xmp or HtmlTagId.Listing or HtmlTagId.PlainText =>
            HtmlEffect.Block | HtmlEffect.Margin | HtmlEffect.Preformatted,
        HtmlTagId.BlockQuote => HtmlEffect.Block | HtmlEffect.Margin | HtmlEffect.Quote,
        HtmlTagId.UL or HtmlTagId.OL => HtmlEffect.Block | HtmlEffect.Indent,
        HtmlTagId.P or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.H4 or HtmlTagId.H5 or HtmlTagId.H6 =>
            HtmlEffect.Block | HtmlEffect.Margin,
        HtmlTagId.Address or HtmlTagId.Article or HtmlTagId.Aside or HtmlTagId.Body or HtmlTagId.Caption or HtmlTagId.Center or HtmlTagId.DD
            or HtmlTagId.Div or HtmlTagId.DL or HtmlTagId.DT or HtmlTagId.FieldSet or HtmlTagId.FigCaption or HtmlTagId.Figure
            or HtmlTagId.Footer or HtmlTagId.Form or HtmlTagId.Header or HtmlTagId.HR or HtmlTagId.Html or HtmlTagId.Legend or HtmlTagId.LI
            or HtmlTagId.Main or HtmlTagId.Menu or HtmlTagId.Nav or HtmlTagId.Option or HtmlTagId.Section or HtmlTagId.Table
            or HtmlTagId.TBody or HtmlTagId.Tfoot or HtmlTagId.THead or HtmlTagId.TR => HtmlEffect.Block,
        HtmlTagId.TD or HtmlTagId.TH => HtmlEffect.Cell,
        HtmlTagId.Unknown when IsHiddenName(tag.Name) => HtmlEffect.Hidden,
        _ => HtmlEffect.None,
    };
}
