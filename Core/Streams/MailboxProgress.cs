namespace EmailIngestion.Streams;

/// <summary>What a poller reports of a mailbox with the end of a poll.</summary>
/// <param name="UidNext">The UID of the next email, as the server said; null if it did not.</param>
/// <param name="Appended">The emails that the poll has appended.</param>
/// <param name="PollsInHour">The polls of the last hour.</param>
/// <param name="IsWatched">Whether the process watches the mailbox.</param>
/// <param name="Until">The end of a back-off or parking; null if there is none.</param>
/// <param name="ThrottledBy">The server that throttles the mailbox; null unless it backs off for that.</param>
/// <param name="Parking">The parking by the process; null when there is none.</param>
internal sealed record MailboxProgress(
    uint? UidNext, int Appended, int PollsInHour, bool IsWatched, DateTimeOffset? Until, string? ThrottledBy = null,
    MailboxParking? Parking = null);
