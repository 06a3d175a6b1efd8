namespace EmailIngestion.Streams;

/// <summary>The outcome that a note tells. The values are the characters in Redis.</summary>
internal enum NoteOutcome
{
    /// <summary>The email is completed.</summary>
    Completed = 'c',

    /// <summary>The email is a dead letter, with its message.</summary>
    DeadLetter = 'd',

    /// <summary>The email is a dead letter without its message. The mailbox may have the only copy.</summary>
    DeadLetterWithoutMessage = 'h',
}
