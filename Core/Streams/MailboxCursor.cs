namespace EmailIngestion.Streams;

/// <summary>
/// The position of polling in one mailbox: UIDVALIDITY, the last UID appended, and the epoch, which counts how often the server has
/// renumbered the folder.
/// </summary>
/// <param name="Epoch">0 for the first.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY in this epoch.</param>
/// <param name="Last">The last UID appended. The next poll reads the UIDs above it.</param>
/// <param name="Since">When this epoch began.</param>
/// <param name="First">When the mailbox was first seen.</param>
/// <param name="LastSuccess">When a poll last reached the end of the mailbox. Null before the first time.</param>
/// <param name="MissingUid">
/// The UID before which the last poll stopped, because the server lists it and does not return it. Null: none.
/// </param>
/// <param name="Stops">How many polls in a row stopped before it.</param>
internal sealed record MailboxCursor(
    int Epoch,
    uint UidValidity,
    uint Last,
    DateTimeOffset Since,
    DateTimeOffset First,
    DateTimeOffset? LastSuccess,
    uint? MissingUid = null,
    int Stops = 0)
{
    /// <summary>Who has asked to pass over <see cref="MissingUid"/>. Null: nobody.</summary>
    public string? ForgottenBy { get; init; }

    /// <summary>The job of which this is the position, beside the live one. Null: the live one, from which polls read.</summary>
    public string? Backfill { get; init; }

    /// <summary>Whether a stop before this UID now is the last of so many attempts.</summary>
    public bool IsLastAttempt(uint uid, int attempts) => (uid == MissingUid ? Stops : 0) + 1 >= attempts;
}
