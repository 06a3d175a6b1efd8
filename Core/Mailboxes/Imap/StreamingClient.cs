using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>MailKit's client, with folders that pass a body on while it comes.</summary>
internal sealed class StreamingClient(IProtocolLogger logger) : ImapClient(logger)
{
    protected override ImapFolder CreateImapFolder(ImapFolderConstructorArgs args) => new StreamingFolder(args);
}
