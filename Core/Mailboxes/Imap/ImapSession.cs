using System.Net.Sockets;
using EmailIngestion.Configuration;
using EmailIngestion.Mailboxes.SignIn;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// A connection to a mail server through MailKit, logged in, with one folder open at a time. <see cref="ResponseWatch"/> checks the
/// server's data. After a poll another mailbox of the same account may reuse the connection for its folder.
/// </summary>
internal sealed partial class ImapSession : IDisposable
{
    private readonly MailboxOptions _options;
    private readonly StreamingClient _client;
    private readonly ImapConnection _connection;
    private readonly ServerTrust _trust;
    private readonly ServerText _words;
    private readonly ImapLogin _login;
    private readonly ImapFolders _folders;
    private bool _isInOrder;
    private int _refusals;

    public ImapSession(MailboxOptions options, TimeSpan serverTimeout, IReadOnlySet<string> avoided, AccessToken? token = null)
    {
        _options = options;
        Login = ServerLogin.Of(options);
        _words = new ServerText(new ResponseWatch(Server));
        _login = new ImapLogin(options, () => ServerRefusal.Read(_words.LastLine), token, avoided);
        _connection = new ImapConnection(Server, serverTimeout);
        _trust = new ServerTrust(options.CertificateAuthority, "Host");
        _client = new StreamingClient(_words)
        {
            Timeout = (int)serverTimeout.TotalMilliseconds,
            // Many networks block revocation lists. Chain, dates and name are checked.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = Accepts,
        };
        _folders = new ImapFolders(this, _client);
    }

    /// <summary>The login of the connection.</summary>
    public ServerLogin Login { get; }

    /// <summary>
    /// Whether the last command was answered, so that the next can be sent. It stays false after a failure or cancellation.
    /// </summary>
    public bool IsInOrder => _isInOrder && _client.IsConnected && _client.IsAuthenticated;

    /// <summary>
    /// Whether a command was refused, and not for the folder's sake. The reason may be the connection, even if the server answers others.
    /// </summary>
    public bool WasRefused => _refusals > 0;

    /// <summary>Whether another poll may use this connection.</summary>
    public bool IsReusable => IsInOrder && !WasRefused;

    /// <summary>Whether the server accepts extended SEARCH (RFC 4731), as far as known.</summary>
    public bool HasExtendedSearch => _client.Capabilities.HasFlag(ImapCapabilities.ESearch);

    /// <summary>The server as host:port.</summary>
    public string Server => $"{_options.Host}:{_options.EffectivePort}";

    /// <summary>The mechanism during which the server ended the connection, if it offers others; null otherwise.</summary>
    public string? InterruptedMechanism => _login.Interrupted;

    /// <summary>What the server can do.</summary>
    public ImapCapabilities Capabilities => _client.Capabilities;

    /// <summary>Whether the server has Gmail's extensions.</summary>
    public bool IsGmail => _client.Capabilities.HasFlag(ImapCapabilities.GMailExt1);

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="MailboxException">The connection or the login fails; the message is one line for a person.</exception>
    public void Connect(CancellationToken cancellationToken)
    {
        try
        {
            var stream = _connection.Open(_options.Host, _options.EffectivePort, cancellationToken);
            Run(ResponseLimits.Greeting, () => Greet(stream), cancellationToken);
            Run(ResponseLimits.Command, () => _login.LogIn(_client), cancellationToken);
        }
        catch (TokenRefusedException e)
        {
            throw e.At(Server, _options.Username, TokenStatus.Of(_words.LastChallenge));
        }
        catch (AuthenticationException e)
        {
            var advice = _options.UsesToken ? null : SignInAdvice.ForPassword(_options.Host, Refusal(e));
            var words = advice is null ? e.Message : $"{e.Message.TrimEnd('.')}. {advice}";
            throw new MailboxException($"{Server} refuses the login of {_options.Username}: {words}", e);
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
            throw new MailboxException($"{Server} does not speak TLS as Security '{_options.Security}' requires: {FirstLine(e)}", e);
        }
        catch (SocketException e)
        {
            // A blocking connect adds the address to the message of the error.
            throw new MailboxException($"{Server} cannot be reached: {new SocketException((int)e.SocketErrorCode).Message}", e);
        }
        catch (NotSupportedException e)
        {
            throw new MailboxException($"{Server} does not support Security '{_options.Security}': {e.Message}", e);
        }
        catch (Exception e) when (e is ProtocolException or IOException)
        {
            throw new MailboxException($"{Server} does not answer as a mail server: {e.Message}", e);
        }
    }

    /// <summary>Disables extended SEARCH on this connection after it was refused. That refusal does not count.</summary>
    public void DisableExtendedSearch()
    {
        _client.Capabilities &= ~ImapCapabilities.ESearch;
        _refusals--;
    }

    /// <summary>Runs one call and checks its answer against the limits.</summary>
    public T Run<T>(ResponseLimits limits, Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            _words.Watch.Expect(limits);
            (_isInOrder, _announced) = (false, null);
            var result = _connection.Run(call, cancellationToken);
            _isInOrder = true;
            return result;
        }
        catch (Exception e) when (e is FolderNotFoundException || (e is ImapCommandException && Refusal(e) is not { IsThrottling: true }))
        {
            // A refusal is an answer too.
            _isInOrder = true;
            if (e is ImapCommandException && Refusal(e) is not { IsOfTheFolder: true })
                _refusals++;
            throw;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Refusal(e) is { IsThrottling: true } refusal)
        {
            throw new MailboxThrottledException($"{Server} throttles {_options.Username}: {refusal.Text}", refusal.BackOff, e);
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(ResponseLimits limits, Action call, CancellationToken cancellationToken)
    {
        Run(limits, () => { call(); return true; }, cancellationToken);
    }

    /// <summary>Whether the error is a NO that concerns the requested emails only.</summary>
    public bool IsOfTheMessage(ImapCommandException error) =>
        error.Response == ImapCommandResponse.No && Refusal(error) is not { IsPassing: true };

    /// <summary>
    /// The server's refusal behind this error; null when there is none. For a BYE with a code, MailKit reports only that the connection
    /// ended.
    /// </summary>
    public ServerRefusal? Refusal(Exception error) =>
        error is ImapCommandException or ImapProtocolException or AuthenticationException ? ServerRefusal.Read(_words.LastLine) : null;

    /// <summary>The server's words of a refusal, without a full stop.</summary>
    public string WordsOf(ImapCommandException error) => (Refusal(error)?.Words ?? error.Message).TrimEnd('.');

    /// <summary>Closes the connection and waits up to a second until the server closes it too.</summary>
    public void Close()
    {
        _connection.End();
        Dispose();
    }

    public void Dispose()
    {
        _client.Dispose();
        _connection.Dispose();
    }

    /// <summary>UIDs in the form that MailKit's calls need.</summary>
    public static UniqueIdSet Set(IReadOnlyList<uint> uids) => new(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending);

    // MailKit explains a failed handshake in several lines. The first line has the reason.
    private static string FirstLine(SslHandshakeException e) =>
        (e.InnerException?.Message ?? e.Message).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[0];
}
