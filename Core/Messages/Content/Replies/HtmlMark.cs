namespace EmailIngestion.Messages.Content.Replies;

/// <summary>What a mail program says of an element in an answer.</summary>
internal enum HtmlMark
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It and all after it is history.</summary>
    Rest,

    /// <summary>It may be the header of history, as Outlook writes it: then it and all after it is history.</summary>
    Header,

    /// <summary>It has the quoted history, and the line above that says who wrote it. Answers among the quotes are in it too.</summary>
    Quoted,

    /// <summary>It is a quotation.</summary>
    Quote,

    /// <summary>It is not the sender's own text: a line about the history, a signature.</summary>
    Other,
}
