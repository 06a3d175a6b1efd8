namespace EmailIngestion.Mailboxes;

/// <summary>How a request of <see cref="IMailbox.FetchSmall"/> or <see cref="IMailbox.FetchWhole"/> ended.</summary>
internal enum FetchAnswer
{
    /// <summary>The server has answered it.</summary>
    Complete,

    /// <summary>The server has refused it, or says goodbye. The next request shows why.</summary>
    Refused,

    /// <summary>The server does not know such a request. It is not asked again.</summary>
    Unable,

    /// <summary>A body is longer than requested or accepted. Where the answer ends is unknown.</summary>
    TooLong,

    /// <summary>The answer cannot be read. No such answer is read again.</summary>
    Unreadable,
}
