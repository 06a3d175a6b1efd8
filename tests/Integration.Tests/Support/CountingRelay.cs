using System.Net.Sockets;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Forwards connections to a real server on this machine and counts them.</summary>
internal sealed class CountingRelay : IDisposable
{
    private readonly TcpRelay _relay;
    private readonly Lock _gate = new();
    private int _open;

    public CountingRelay(int port) => _relay = new TcpRelay(() => port, ForwardAsync);

    public int Port => _relay.Port;

    /// <summary>The number of connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>The number of open connections.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The largest number of connections that were open at the same time.</summary>
    public int MostOpen { get; private set; }

    public void Dispose() => _relay.Dispose();

    private async Task ForwardAsync(NetworkStream client, NetworkStream server)
    {
        lock (_gate)
        {
            Connections++;
            MostOpen = Math.Max(MostOpen, ++_open);
        }

        try
        {
            await Task.WhenAny(client.CopyToAsync(server), server.CopyToAsync(client));
        }
        finally
        {
            lock (_gate)
                _open--;
        }
    }
}
