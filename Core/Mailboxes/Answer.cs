namespace EmailIngestion.Mailboxes;

/// <summary>The kinds of bodies that a server sends, by their size.</summary>
internal enum Answer
{
    /// <summary>The whole email.</summary>
    Whole,

    /// <summary>No bytes, although a size was announced. The email counts as missing.</summary>
    Nothing,

    /// <summary>Less than half of the announced size, without the end of the header.</summary>
    Fragment,

    /// <summary>Less than half of the announced size, with the whole header.</summary>
    Short,
}
