using MimeKit.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>An open element of an HTML text.</summary>
/// <param name="Id">Its name, if it is a known one.</param>
/// <param name="Name">Its name as written.</param>
/// <param name="Effect">What it does to the text in it.</param>
internal sealed record HtmlElement(HtmlTagId Id, string Name, HtmlEffect Effect)
{
    /// <summary>The number of the next item of an ordered list; the lines before the first cell of a table row.</summary>
    public int Number { get; set; }

    public bool IsNamed(HtmlTagId id, string name) =>
        Id == id && (id != HtmlTagId.Unknown || name.Equals(Name, StringComparison.OrdinalIgnoreCase));
}
