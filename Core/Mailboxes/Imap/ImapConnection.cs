using System.Net.Sockets;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// The connection under one mailbox. It is given up when the token says so, and when the server has been silent for too long. MailKit sees
/// to neither: its blocking calls wait without a limit once they have a token, and in the TLS handshake they do not look at it. So they get
/// none, which makes them keep to the timeout, and closing the socket ends them.
/// </summary>
internal sealed class ImapConnection(string server, TimeSpan timeout) : IDisposable
{
    // What a server says after the end, at most: its goodbye.
    private const int LastWords = 16;

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="MailboxException">It does not answer.</exception>
    public Stream Open(string host, int port, CancellationToken cancellationToken)
    {
        using var expired = new CancellationTokenSource(timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        try
        {
            _socket.ConnectAsync(host, port, either.Token).AsTask().GetAwaiter().GetResult();
            var milliseconds = (int)timeout.TotalMilliseconds;
            return new NetworkStream(_socket, ownsSocket: true) { ReadTimeout = milliseconds, WriteTimeout = milliseconds };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(e);
        }
    }

    /// <summary>Makes one blocking call.</summary>
    public T Run<T>(Func<T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var giveUp = cancellationToken.Register(_socket.Dispose);
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

    /// <summary>
    /// Says that we are done and waits, for a moment, until the server ends the connection too: until then it counts it, and may refuse the
    /// next one.
    /// </summary>
    public void End()
    {
        var words = new byte[1024];
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            _socket.ReceiveTimeout = (int)EndsWithin.TotalMilliseconds;
            for (var heard = 0; heard < LastWords && _socket.Receive(words) > 0; heard++)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended, or the server does not care.
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
