namespace EmailIngestion.Mailboxes.Probing;

/// <summary>A step failed, with a text of its own.</summary>
internal sealed class ProbeFailedException(string message, Exception? inner = null) : MailboxException(message, inner);
