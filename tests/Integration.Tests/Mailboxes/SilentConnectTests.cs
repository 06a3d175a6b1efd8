using System.Net;
using System.Net.Sockets;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// Tests the connection to a server that neither accepts nor refuses it: its queue is full, so that Linux drops the request.
/// </summary>
public sealed class SilentConnectTests : IDisposable
{
    // More than the shortest queue holds.
    private const int Waiting = 8;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _waiting = [];

    public SilentConnectTests()
    {
        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server.Listen(1);
        for (var i = 0; i < Waiting; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _waiting.Add(client);
            try
            {
                client.Connect(_server.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.InProgress or SocketError.WouldBlock)
            {
                // It waits for its place in the queue.
            }
        }
    }

    private int Port => ((IPEndPoint)_server.LocalEndPoint!).Port;

    [Fact]
    public void It_ends_at_the_timeout()
    {
        using var connection = new ImapConnection("host:143", TimeSpan.FromMilliseconds(300));

        var error = Assert.Throws<MailboxException>(() => connection.Open("127.0.0.1", Port, CancellationToken.None));

        Assert.Equal("host:143 did not answer within Polling:ServerTimeout, 00:00:00.3000000.", error.Message);
    }

    [Fact]
    public void It_ends_when_it_is_cancelled()
    {
        using var connection = new ImapConnection("host:143", TimeSpan.FromHours(1));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        Assert.Throws<OperationCanceledException>(() => connection.Open("127.0.0.1", Port, cancelled.Token));
    }

    public void Dispose()
    {
        _server.Dispose();
        foreach (var client in _waiting)
            client.Dispose();
    }
}
