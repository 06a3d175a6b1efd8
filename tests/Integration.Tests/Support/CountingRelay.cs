using System.Net;
using System.Net.Sockets;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Forwards connections to a real server on this machine and counts them.</summary>
internal sealed class CountingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly int _port;
    private int _open;

    public CountingRelay(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>The number of open connections.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The largest number of connections that were open at the same time.</summary>
    public int MostOpen { get; private set; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            lock (_gate)
            {
                Connections++;
                MostOpen = Math.Max(MostOpen, ++_open);
            }

            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port);
                var (one, other) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(one.CopyToAsync(other), other.CopyToAsync(one));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // One side has closed the connection.
            }
            finally
            {
                lock (_gate)
                    _open--;
            }
        }
    }
}
