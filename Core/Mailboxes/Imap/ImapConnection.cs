using System.Net;
using System.Net.Sockets;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// A network connection to a mail server. It is closed when the token is cancelled and when the server does not answer within the timeout.
/// MailKit does neither: its blocking calls ignore the timeout once they have a token, and they ignore the token in the TLS handshake. So
/// they get no token, which makes them use the timeout, and closing the socket ends them.
/// </summary>
internal sealed class ImapConnection(string server, TimeSpan timeout) : IDisposable
{
    // The limit of reads after the end, for the server's goodbye.
    private const int MaxLastReads = 16;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="MailboxException">The server does not answer within the timeout, or the host is no address of one.</exception>
    public Stream Open(string host, int port, CancellationToken cancellationToken)
    {
        using var expired = new CancellationTokenSource(timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        try
        {
            var addresses = Dns.GetHostAddressesAsync(host, either.Token).GetAwaiter().GetResult();
            // Not by ConnectAsync: after one asynchronous call, each blocking read of a socket passes through two more threads.
            using (either.Token.Register(_socket.Dispose))
                _socket.Connect(addresses, port);
            var milliseconds = (int)timeout.TotalMilliseconds;
            return new NetworkStream(_socket, ownsSocket: true) { ReadTimeout = milliseconds, WriteTimeout = milliseconds };
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (expired.IsCancellationRequested)
        {
            throw Silent(e);
        }
        // An address that means all of this computer's (0.0.0.0), one of a network that is off (IPv6), or a name that is too long.
        catch (ArgumentException e)
        {
            throw new MailboxException($"Host '{BoundedText.Line(host)}' is not an address that this computer can connect to.", e);
        }
    }

    /// <summary>Runs one blocking call.</summary>
    public T Run<T>(Func<T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var closing = cancellationToken.Register(_socket.Dispose);
        try
        {
            return call();
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw new MailboxException($"The connection to {server} ended.", e);
        }
        catch (Exception e) when (IsTimeout(e))
        {
            throw Silent(e);
        }
    }

    /// <summary>Runs one call that waits without a timeout.</summary>
    public async Task RunAsync(Func<Task> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var closing = cancellationToken.Register(_socket.Dispose);
        try
        {
            await call();
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw new MailboxException($"The connection to {server} ended.", e);
        }
    }

    /// <summary>
    /// Ends the connection and waits up to a second until the server ends it too. Until then the server counts the connection and may
    /// refuse the next one.
    /// </summary>
    public void End()
    {
        var buffer = new byte[1024];
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            _socket.ReceiveTimeout = (int)EndTimeout.TotalMilliseconds;
            for (var reads = 0; reads < MaxLastReads && _socket.Receive(buffer) > 0; reads++)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has ended, or the server does not end it in time.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsTimeout(Exception? error) => error switch
    {
        null => false,
        TimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock } => true,
        _ => IsTimeout(error.InnerException),
    };

    private MailboxException Silent(Exception error) => new($"{server} did not answer within Polling:ServerTimeout, {timeout}.", error);
}
