namespace EmailIngestion.Streams;

/// <summary>One mailbox of a partition, by its cursor.</summary>
/// <param name="Name">account/folder.</param>
/// <param name="UidValidity">Null before the first poll that reached the server.</param>
/// <param name="Last">The last UID appended.</param>
/// <param name="LastSuccess">When a poll last reached the end of the mailbox.</param>
/// <param name="Error">Why the last poll failed; null when it did not.</param>
/// <param name="ErrorAt">When it failed.</param>
/// <param name="Warning">What happened to the mailbox in the last week that somebody must know; null when nothing did.</param>
public sealed record MailboxSnapshot(
    string Name, uint? UidValidity, uint? Last, DateTimeOffset? LastSuccess, string? Error, DateTimeOffset? ErrorAt, string? Warning);
