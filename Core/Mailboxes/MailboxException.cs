using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// A mailbox cannot be read; the message is one line for the person who set it up, without secrets, and cleaned: a server's words may be in it.
/// </summary>
internal class MailboxException(string message, Exception? inner = null) : Exception(BoundedText.Line(message), inner);
