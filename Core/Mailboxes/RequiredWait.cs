namespace EmailIngestion.Mailboxes;

/// <summary>Why a mailbox must not be polled now.</summary>
/// <param name="Until">The end of the wait.</param>
/// <param name="IsParked">Whether the mailbox is parked; false when its server has asked for the wait.</param>
internal sealed record RequiredWait(DateTimeOffset Until, bool IsParked);
