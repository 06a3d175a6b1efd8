namespace EmailIngestion.Streams;

/// <summary>Says how far an append went.</summary>
internal enum AppendStatus
{
    /// <summary>All items were appended.</summary>
    Complete,

    /// <summary>The stream limit stopped the append at <see cref="AppendResult.Last"/>.</summary>
    Full,

    /// <summary>
    /// The cursor is not where the batch begins: another poll moved it, or the batch before this one was not appended whole.
    /// </summary>
    Moved,
}
