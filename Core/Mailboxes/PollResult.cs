using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Mailboxes;

/// <summary>The end of a poll of one mailbox, and the counts of its appends.</summary>
/// <param name="End">How the poll ended.</param>
/// <param name="Appended">Appended emails.</param>
/// <param name="Duplicates">Emails skipped because they were appended before a renumbering.</param>
/// <param name="DeadLettered">Emails that became dead letters.</param>
/// <param name="Error">Why the poll failed, in one line; null unless it failed.</param>
/// <param name="BackingOff">The end of the back-off that follows, and its reason; null when there is none.</param>
internal sealed record PollResult(
    PollEnd End, int Appended = 0, int Duplicates = 0, int DeadLettered = 0, string? Error = null, string? BackingOff = null)
{
    /// <summary>Whether the poll has handled no email.</summary>
    public bool IsEmpty => Appended + Duplicates + DeadLettered == 0;

    /// <summary>Whether the mailbox was not polled at all, or the poll was ended for a reason that says nothing of the mailbox.</summary>
    public bool IsNotPolled => End is PollEnd.BackingOff or PollEnd.Parked or PollEnd.Elsewhere or PollEnd.Stopped or PollEnd.Paused;

    /// <summary>Whether it failed by a fault of this process, not of the mail server or of Redis.</summary>
    public bool IsOwnFault { get; init; }

    /// <summary>The bytes that the account has downloaded in 24 hours; null when it has no limit.</summary>
    public long? Downloaded { get; init; }

    /// <summary>What was done to emails whose outcome is settled; null when the mailbox asks for nothing.</summary>
    public FollowUpResult? FollowUps { get; init; }

    /// <summary>Whether the failure parked the mailbox.</summary>
    public bool IsParked { get; init; }

    /// <summary>Whether Redis refused the sign-in of this process.</summary>
    public bool IsSignInRefused { get; init; }

    /// <summary>The exception of a fault of this program, to be logged with its stack trace; null otherwise.</summary>
    public Exception? Fault { get; init; }

    /// <summary>Adds to the counts.</summary>
    public PollResult Add(int appended, int duplicates, int deadLettered) => this with
    {
        Appended = Appended + appended,
        Duplicates = Duplicates + duplicates,
        DeadLettered = DeadLettered + deadLettered,
    };
}
