using System.Net;
using System.Net.Sockets;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Forwards connections to a real server on this machine and counts them.</summary>
internal sealed class CountingRelay : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Lock _gate = new();
    private readonly int _port;
    private int _open;

    public CountingRelay(int port)
    {
        _port = port;
        _listener = new LoopbackListener(RelayAsync);
    }

    public int Port => _listener.Port;

    /// <summary>The number of connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>The number of open connections.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The largest number of connections that were open at the same time.</summary>
    public int MostOpen { get; private set; }

    public void Dispose() => _listener.Dispose();

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient();
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
        finally
        {
            lock (_gate)
                _open--;
        }
    }
}
