namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>What is done to an email in the mailbox after its outcome.</summary>
internal enum FollowUpKind
{
    /// <summary>Nothing: the email stays as it is.</summary>
    Nothing,

    /// <summary>It gets the flag <c>\Seen</c>.</summary>
    MarkSeen,

    /// <summary>It gets a flag or a keyword.</summary>
    Flag,

    /// <summary>It is moved to another folder.</summary>
    Move,

    /// <summary>It is deleted; on Gmail it is moved to the trash.</summary>
    Delete,
}
