using MailKit;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Recognises that a connection to a mail server has ended or fallen silent, which another connection may repair.</summary>
internal static class ConnectionCut
{
    public static bool Is(Exception error) =>
        error is IOException or ProtocolException or ServiceNotConnectedException
        // Those of other types say that the server refuses.
        || error is ReopenFailedException || error.GetType() == typeof(MailboxException);
}
