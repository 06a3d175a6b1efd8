using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// A mailbox cannot be read. The message is one line for the person who set it up. It has no secrets, and it is cleaned, since it may
/// contain a server's text.
/// </summary>
internal class MailboxException(string message, Exception? inner = null) : Exception(BoundedText.Line(message), inner);
