namespace EmailIngestion.Mailboxes;

/// <summary>How a poll of one mailbox ended, and what it appended.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Appended">Emails appended.</param>
/// <param name="Duplicates">Emails that were appended before a renumbering.</param>
/// <param name="Dead">Emails that became dead letters.</param>
/// <param name="Error">Why it failed, in one line.</param>
/// <param name="BackingOff">Until when the mailbox is left alone after it; null: it is not.</param>
internal sealed record PollResult(PollEnd End, int Appended = 0, int Duplicates = 0, int Dead = 0, string? Error = null, string? BackingOff = null)
{
    /// <summary>Nothing was appended, in whatever way.</summary>
    public bool IsEmpty => Appended + Duplicates + Dead == 0;

    /// <summary>It failed by a fault of this process, not of the mail server or of Redis.</summary>
    public bool IsOwnFault { get; init; }

    /// <summary>What it failed with, where that is a fault of this program: it is logged with its stack trace. Null otherwise.</summary>
    public Exception? Fault { get; init; }

    public PollResult Add(int appended, int duplicates, int dead) =>
        this with { Appended = Appended + appended, Duplicates = Duplicates + duplicates, Dead = Dead + dead };
}

internal enum PollEnd
{
    /// <summary>The end of the mailbox was reached.</summary>
    Complete,

    /// <summary>The stream or Redis's memory is at its mark; the rest waits in the mailbox.</summary>
    BackPressure,

    /// <summary>The server lists an email and does not give it; the next poll asks again.</summary>
    Stuck,

    /// <summary>The time was up; the next poll goes on.</summary>
    Deadline,

    /// <summary>Another poll of this mailbox is under way, or moved the cursor under this one.</summary>
    Elsewhere,

    /// <summary>The mailbox failed lately and is left alone for a while.</summary>
    BackingOff,

    /// <summary>The process stops; the next poll goes on.</summary>
    Stopped,

    /// <summary>Redis is not there; the mailbox is not to blame.</summary>
    RedisAway,

    Failed,
}
