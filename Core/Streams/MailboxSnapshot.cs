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
}
