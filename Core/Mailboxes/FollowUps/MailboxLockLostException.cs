namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>Another poll has the lock of the mailbox and may carry out the same follow-ups.</summary>
internal sealed class MailboxLockLostException() : MailboxException("Another poll has the lock of the mailbox.");
