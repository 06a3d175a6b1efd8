namespace EmailIngestion.Mailboxes;

/// <summary>The last known position in a mailbox. It is used only when Redis has lost the cursor.</summary>
/// <param name="Mailbox">The mailbox's name: account/folder.</param>
/// <param name="Epoch">The cursor's epoch.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY in that epoch.</param>
/// <param name="Last">The last appended UID.</param>
/// <param name="Settled">The UID up to which all appended emails are settled; null while unknown.</param>
/// <param name="SettledAt">The time of the last complete poll before <paramref name="Settled"/> was noted.</param>
/// <param name="First">The time of the first poll of the mailbox.</param>
/// <param name="LastSuccess">The time of the last complete poll.</param>
internal sealed record MailboxHint(
    string Mailbox,
    int Epoch,
    uint UidValidity,
    uint Last,
    uint? Settled,
    DateTimeOffset? SettledAt,
    DateTimeOffset First,
    DateTimeOffset? LastSuccess);
