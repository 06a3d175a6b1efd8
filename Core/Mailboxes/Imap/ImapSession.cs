using System.Net.Sockets;
using EmailIngestion.Configuration;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>One connection to a mail server, through MailKit, logged in, with one folder open. What the server sends is watched.</summary>
internal sealed class ImapSession : IDisposable
{
    private readonly MailboxOptions _options;
    private readonly ImapClient _client;
    private readonly ImapConnection _connection;
    private readonly ServerTrust _trust;
    private readonly ServerWords _words;
    private readonly ImapLogin _login;
    private IMailFolder? _folder;

    public ImapSession(MailboxOptions options, TimeSpan serverTimeout, IReadOnlySet<string> avoidedMechanisms)
    {
        _options = options;
        _words = new ServerWords(new ResponseWatch(Server));
        _login = new ImapLogin(options, () => ServerRefusal.Read(_words.LastLine), avoidedMechanisms);
        _connection = new ImapConnection(Server, serverTimeout);
        _trust = new ServerTrust(options.CertificateAuthority, "Host");
        _client = new ImapClient(_words)
        {
            Timeout = (int)serverTimeout.TotalMilliseconds,
            // Many networks let revocation lists through to nobody; chain, dates and name are checked.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, chain, errors) => _trust.Accepts(certificate, chain, errors),
        };
    }

    public string Server => $"{_options.Host}:{_options.EffectivePort}";

    public IMailFolder Folder => _folder ?? throw new InvalidOperationException("The mailbox is not open.");

    /// <summary>The mechanism during whose login the server ended the connection, when it offers others; null: it did not.</summary>
    public string? InterruptedMechanism => _login.Interrupted;

    public bool IsGmail => _client.Capabilities.HasFlag(ImapCapabilities.GMailExt1);

    /// <summary>Connects, logs in and opens the folder.</summary>
    /// <exception cref="MailboxException">It cannot be opened; the message is one clear line.</exception>
    public void Open(CancellationToken cancellationToken)
    {
        try
        {
            var stream = _connection.Open(_options.Host, _options.EffectivePort, cancellationToken);
            Run(
                ResponseLimits.Greeting,
                () => _client.Connect(stream, _options.Host, _options.EffectivePort, SocketOptions(_options.Security)),
                cancellationToken);
            Run(ResponseLimits.Command, () => _login.LogIn(_client), cancellationToken);
            Run(ResponseLimits.Command, OpenFolder, cancellationToken);
        }
        catch (AuthenticationException e)
        {
            throw new MailboxException($"{Server} refuses the login of {_options.Username}: {e.Message}", e);
        }
        catch (Exception e) when (_login.Interrupted is { } mechanism && e is not MailboxException and not OperationCanceledException)
        {
            throw new MailboxException($"{Server} ended the connection during the login of {_options.Username} by {mechanism}.", e);
        }
        catch (SslHandshakeException e) when (_trust.Refusal is { } refusal)
        {
            throw new MailboxException($"The certificate of {Server} is not accepted: {refusal}", e);
        }
        catch (SslHandshakeException e)
        {
            throw new MailboxException($"{Server} does not speak TLS as Security '{_options.Security}' needs it: {FirstLine(e)}", e);
        }
        catch (FolderNotFoundException e)
        {
            throw new MailboxException($"{Server} has no folder '{_options.Folder}' for {_options.Username}.", e);
        }
        catch (SocketException e)
        {
            throw new MailboxException($"{Server} cannot be reached: {e.Message}", e);
        }
        catch (NotSupportedException e)
        {
            throw new MailboxException($"{Server} does not offer what Security '{_options.Security}' needs: {e.Message}", e);
        }
    }

    /// <summary>Makes one call, whose answer keeps to the limits.</summary>
    public T Run<T>(ResponseLimits limits, Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            _words.Watch.Expect(limits);
            return _connection.Run(call, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Refusal(e) is { IsThrottling: true } refusal)
        {
            throw new MailboxThrottledException($"{Server} throttles {_options.Username}: {refusal.Text}", refusal.BackOff, e);
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(ResponseLimits limits, Action call, CancellationToken cancellationToken) => Run(
        limits,
        () =>
        {
            call();
            return true;
        },
        cancellationToken);

    /// <summary>A NO to one message, which says nothing of the others.</summary>
    public bool IsOfTheMessage(ImapCommandException error) =>
        error.Response == ImapCommandResponse.No && Refusal(error) is not { IsPassing: true };

    public void Dispose()
    {
        _client.Dispose();
        _connection.Dispose();
    }

    // MailKit tells of a BYE with a code only that the connection ended.
    private ServerRefusal? Refusal(Exception error) =>
        error is ImapCommandException or ImapProtocolException or AuthenticationException ? ServerRefusal.Read(_words.LastLine) : null;

    private void OpenFolder()
    {
        _folder = _options.EffectiveFolder == "INBOX" ? _client.Inbox! : _client.GetFolder(_options.EffectiveFolder);
        _folder.Open(FolderAccess.ReadOnly);
    }

    private static SecureSocketOptions SocketOptions(MailboxSecurity security) => security switch
    {
        MailboxSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailboxSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    // MailKit explains a failed handshake in several lines; the first line of the reason is the one that helps.
    private static string FirstLine(SslHandshakeException e) =>
        (e.InnerException?.Message ?? e.Message).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[0];
}
