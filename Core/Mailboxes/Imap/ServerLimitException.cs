namespace EmailIngestion.Mailboxes.Imap;

/// <summary>A server sent too much data, or data that is unsafe to parse. The connection is closed.</summary>
internal sealed class ServerLimitException(string server, string sent)
    : MailboxException($"{server} sent {sent}; the connection was closed.");
