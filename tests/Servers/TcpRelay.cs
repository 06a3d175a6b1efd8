using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EmailIngestion.Servers;

/// <summary>Forwards connections to a server on this machine. It cuts all of them on request.</summary>
internal sealed class TcpRelay : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly Func<int> _server;
    private readonly Func<NetworkStream, NetworkStream, Task> _forward;

    /// <param name="server">The port of the server.</param>
    /// <param name="forward">Forwards between the client and the server until one side ends. Null: all bytes as they are.</param>
    public TcpRelay(Func<int> server, Func<NetworkStream, NetworkStream, Task>? forward = null)
    {
        (_server, _forward) = (server, forward ?? ((client, far) => Task.WhenAny(client.CopyToAsync(far), far.CopyToAsync(client))));
        _listener = new LoopbackListener(ServeAsync);
    }

    public int Port => _listener.Port;

    /// <summary>Cuts all open connections.</summary>
    public void Cut()
    {
        foreach (var client in _clients.Keys)
            client.Dispose();
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _clients[client] = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server());
            await _forward(client.GetStream(), server.GetStream());
        }
        catch (InvalidOperationException)
        {
            // It was cut before it was served.
        }
        finally
        {
            _clients.TryRemove(client, out _);
        }
    }
}
