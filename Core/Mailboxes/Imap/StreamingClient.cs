using System.Net.Security;
using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>MailKit's client, with folders that pass a body on while it comes.</summary>
internal sealed class StreamingClient(IProtocolLogger logger) : ImapClient(logger)
{
    /// <summary>The options with which MailKit begins TLS.</summary>
    public SslClientAuthenticationOptions TlsOptions(string host, RemoteCertificateValidationCallback accepts) =>
        GetSslClientAuthenticationOptions(host, accepts);

    protected override ImapFolder CreateImapFolder(ImapFolderConstructorArgs args) => new StreamingFolder(args);
}
