namespace EmailIngestion.Mailboxes;

/// <summary>A folder cannot be opened again after its connection ended. Another attempt at once would not help.</summary>
internal sealed class ReopenFailedException(string message, Exception? inner = null) : MailboxException(message, inner);
