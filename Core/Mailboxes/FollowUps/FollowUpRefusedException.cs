namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>The server refuses what the settings say about emails after their outcome. Other actions may work.</summary>
internal sealed class FollowUpRefusedException(string message, Exception? inner = null) : MailboxException(message, inner);
