using System.Net;
using System.Net.Sockets;

namespace EmailIngestion.Servers;

/// <summary>
/// Accepts connections on a free port of this machine and serves each until it ends. Its disposal ends the accepting, not the connections.
/// </summary>
internal sealed class LoopbackListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<TcpClient, Task> _serve;

    /// <param name="serve">Serves a connection, which is closed afterwards.</param>
    public LoopbackListener(Func<TcpClient, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        // Reads that need not wait would keep the loop that accepts, and so would a hook of a test that blocks.
        await Task.Yield();
        using (client)
        {
            try
            {
                await _serve(client);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // One side has closed the connection.
            }
        }
    }
}
