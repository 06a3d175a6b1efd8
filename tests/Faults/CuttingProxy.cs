using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using EmailIngestion.Servers;

namespace EmailIngestion.Faults;

/// <summary>A proxy between pollers and mail server. It cuts all connections on request, at any point of the protocol.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly Func<int> _server;

    /// <param name="server">The mail server's port.</param>
    public CuttingProxy(Func<int> server)
    {
        _server = server;
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
            var (near, far) = (client.GetStream(), server.GetStream());
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
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
