namespace EmailIngestion.Mailboxes;

/// <summary>The ends of a poll.</summary>
internal enum PollEnd
{
    /// <summary>The poll reached the end of the mailbox.</summary>
    Complete,

    /// <summary>The stream or Redis's memory is at its limit. The rest stays in the mailbox.</summary>
    BackPressure,

    /// <summary>
    /// The store of large emails' bodies is away. The mailbox waits before a large email; the rest stays in the mailbox.
    /// </summary>
    StoreAway,

    /// <summary>The account has downloaded as much as it may within 24 hours. The rest stays in the mailbox.</summary>
    DownloadLimit,

    /// <summary>The server lists an email but does not return it. The next poll requests it again.</summary>
    Stuck,

    /// <summary>The poll reached its deadline. The next poll continues there.</summary>
    Deadline,

    /// <summary>Another poll of this mailbox is running, or moved the cursor during this one.</summary>
    Elsewhere,

    /// <summary>The mailbox failed and backs off.</summary>
    BackingOff,

    /// <summary>The mailbox is parked: its sign-in is refused for good.</summary>
    Parked,

    /// <summary>Somebody has paused the mailbox. It continues there when it is resumed.</summary>
    Paused,

    /// <summary>The process stops. The next poll continues there.</summary>
    Stopped,

    /// <summary>Redis is unavailable. The mailbox is not the cause.</summary>
    RedisAway,

    /// <summary>The poll failed. <see cref="PollResult.Error"/> has the reason.</summary>
    Failed,
}
