using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailKit.Security;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Opens the stream of the connection, and lets <see cref="FetchReader"/> use it between the calls of MailKit.</summary>
internal sealed partial class ImapSession
{
    // Null after STARTTLS: only MailKit has what is decrypted.
    private ServerStream? _stream;
    private int _fetches;

    /// <summary>Whether <see cref="Fetch"/> is possible now. Of Gmail MailKit reads more data than it does.</summary>
    public bool CanFetch => _stream is not null && _words.Watch.IsAtRest && !IsGmail;

    /// <summary>Fetches emails by one request, and reads the answer without MailKit.</summary>
    /// <exception cref="UnreadableAnswerException">The answer cannot be read. The connection cannot be used any more.</exception>
    public FetchAnswer Fetch(IFetchTarget emails, ResponseLimits limits, CancellationToken cancellationToken)
    {
        var reader = new FetchReader(_stream!, new ResponseBudget(Server, limits), emails);
        return Run(limits, () => reader.Run($"fetch{++_fetches}", Set(emails.Uids).ToString()), cancellationToken);
    }

    private void Greet(Stream stream)
    {
        var (host, port) = (_options.Host, _options.EffectivePort);
        if (_options.Security == MailboxSecurity.StartTls)
        {
            _client.Connect(stream, host, port, SecureSocketOptions.StartTls);
            return;
        }

        _stream = new ServerStream(_options.Security == MailboxSecurity.Tls ? Encrypt(stream, host) : stream);
        _client.Connect(_stream, host, port, SecureSocketOptions.None);
    }

    private SslStream Encrypt(Stream stream, string host)
    {
        var encrypted = new SslStream(stream);
        try
        {
            encrypted.AuthenticateAsClient(_client.TlsOptions(host, Accepts));
            return encrypted;
        }
        catch (Exception e)
        {
            // As MailKit does after STARTTLS.
            encrypted.Dispose();
            throw new SslHandshakeException(e.Message, e);
        }
    }

    private bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        _trust.Accepts(certificate, chain, errors);
}
