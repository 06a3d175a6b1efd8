namespace EmailIngestion.Mailboxes;

/// <summary>What a server gave for a body.</summary>
internal enum Answer
{
    /// <summary>The email.</summary>
    Whole,

    /// <summary>No byte, though a size was announced: as if it had not been given.</summary>
    Nothing,

    /// <summary>Less than half of the size, and not even the whole header.</summary>
    Fragment,

    /// <summary>Less than half of the size, with the whole header.</summary>
    Short,
}
