namespace EmailIngestion.Streams;

/// <summary>The state of one mailbox, from its cursor.</summary>
/// <param name="Name">account/folder.</param>
/// <param name="UidValidity">Null before the first poll that reached the server.</param>
/// <param name="Last">The last UID appended. Null before the first poll that reached the server.</param>
/// <param name="LastSuccess">When a poll last reached the end of the mailbox. Null before the first time.</param>
/// <param name="Error">Why the last poll failed. Null when it succeeded.</param>
/// <param name="ErrorAt">When it failed.</param>
/// <param name="Warning">What went wrong with the mailbox in the last week. Null when nothing did.</param>
public sealed record MailboxSnapshot(
    string Name, uint? UidValidity, uint? Last, DateTimeOffset? LastSuccess, string? Error, DateTimeOffset? ErrorAt, string? Warning)
{
    /// <summary>
    /// Whether the mailbox is parked: its sign-in is refused, and it is polled once an hour, or when its settings change.
    /// </summary>
    public bool IsParked { get; init; }

    /// <summary>The end of its parking. Null when there is none, or when a process of an older version has parked it.</summary>
    public DateTimeOffset? ParkedUntil { get; init; }

    /// <summary>The UID of the next email, as the last poll saw it. Null when it is unknown.</summary>
    public uint? UidNext { get; init; }

    /// <summary>How many UIDs are above the cursor, as the last poll saw it. Null when it is unknown.</summary>
    public long? Behind => UidNext is > 0 and var next && Last is { } last ? Math.Max(0, (long)next - 1 - last) : null;

    /// <summary>When the last poll ended. Null before the first one.</summary>
    public DateTimeOffset? PolledAt { get; init; }

    /// <summary>How many emails the last poll has appended.</summary>
    public long? LastAppended { get; init; }

    /// <summary>How many polls there were in the hour before the last one.</summary>
    public long? PollsInHour { get; init; }

    /// <summary>Whether a process watches the mailbox.</summary>
    public bool IsWatched { get; init; }

    /// <summary>Whether a process polls it now. Read with details only.</summary>
    public bool IsPolling { get; init; }

    /// <summary>The end of its back-off or parking. Null when there is none.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether it backs off because the server throttles it.</summary>
    public bool IsThrottled { get; init; }

    /// <summary>The emails whose outcome is settled and not followed up in the mailbox yet.</summary>
    public long FollowUpsWaiting { get; init; }

    /// <summary>Why settled emails cannot be followed up in the mailbox. Null: they can.</summary>
    public string? FollowUpError { get; init; }
}
