using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>An open element of an HTML text.</summary>
/// <param name="Id">Its name, if it is a known one.</param>
/// <param name="Name">Its name as written.</param>
/// <param name="Effect">What it does to the text in it.</param>
internal sealed record HtmlElement(HtmlTagId Id, string Name, HtmlEffect Effect)
{
    private static readonly string[] Keys = [.. Enum.GetNames<HtmlTagId>().Select(name => "#" + name)];

    /// <summary>The number of the next item of an ordered list; the lines before the first cell of a table row.</summary>
    public int Number { get; set; }

    /// <summary>The index of the element of the same name around it; -1 when there is none.</summary>
    public int Outer { get; set; }

    /// <summary>The same text for all elements of one name.</summary>
    public string Key => KeyOf(Id, Name);

    /// <summary>The key of a name.</summary>
    public static string KeyOf(HtmlTagId id, string name) => id == HtmlTagId.Unknown ? name : Keys[(int)id];
}
