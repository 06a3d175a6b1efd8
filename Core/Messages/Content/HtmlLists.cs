using System.Globalization;
using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>Numbers the items of ordered lists.</summary>
internal static class HtmlLists
{
    /// <summary>The mark of an item.</summary>
    /// <param name="list">The list around it; null when there is none.</param>
    /// <param name="item">The item.</param>
    public static string Marker(HtmlElement? list, HtmlTagToken item)
    {
        if (list is not { Id: HtmlTagId.OL })
            return "- ";
        if (int.TryParse(HtmlEffects.Value(item, HtmlAttributeId.Value), CultureInfo.InvariantCulture, out var number))
            list.Number = number;
        return string.Create(CultureInfo.InvariantCulture, $"{list.Number++}. ");
    }

    /// <summary>The number of the first item of a list.</summary>
    public static int Start(HtmlTagToken list) =>
        list.Id == HtmlTagId.OL && int.TryParse(HtmlEffects.Value(list, HtmlAttributeId.Start), CultureInfo.InvariantCulture, out var start)
            ? start
            : 1;
}
