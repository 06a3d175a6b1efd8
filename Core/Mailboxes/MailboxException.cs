namespace EmailIngestion.Mailboxes;

/// <summary>A mailbox cannot be read; the message is one line for the person who set it up, without secrets.</summary>
internal class MailboxException(string message, Exception? inner = null) : Exception(message, inner);
