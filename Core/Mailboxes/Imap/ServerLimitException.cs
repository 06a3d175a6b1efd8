namespace EmailIngestion.Mailboxes.Imap;

/// <summary>A server sent more than any honest one does, or what no parser should be given. The connection is closed.</summary>
internal sealed class ServerLimitException(string server, string sent)
    : MailboxException($"{server} sent {sent}; the connection was closed.");
