using System.Net;
using System.Net.Sockets;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A server on loopback that accepts connections and never answers.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    // The kernel accepts the connections; this program never does.
    public SilentServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();
}
