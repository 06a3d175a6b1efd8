namespace EmailIngestion.Messages.Content;

/// <summary>What an element does to the text in it.</summary>
[Flags]
internal enum HtmlEffect
{
    None = 0,

    /// <summary>The text is not shown.</summary>
    Hidden = 1,

    /// <summary>The text keeps its lines and spaces.</summary>
    Preformatted = 2,

    /// <summary>The text is a quotation.</summary>
    Quote = 4,

    /// <summary>The text is moved to the right, as in a list.</summary>
    Indent = 8,

    /// <summary>The element begins and ends lines.</summary>
    Block = 16,

    /// <summary>There is a blank line before and after the element.</summary>
    Margin = 32,

    /// <summary>The element is a cell of a table.</summary>
    Cell = 64,
}
