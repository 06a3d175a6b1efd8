using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Forwards HTTP requests to a real server on this machine. Those whose first line has a text get no answer.</summary>
internal sealed class StallingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _port;
    private readonly string _text;

    public StallingRelay(int port, string text)
    {
        (_port, _text) = (port, text);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Completes when the first request is held.</summary>
    public Task Stalled => _stalled.Task;

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
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port);
                await Task.WhenAny(
                    ForwardAsync(client.GetStream(), server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // One side has closed the connection.
            }
        }
    }

    // The client sends a request at once, so its first line is in one read.
    private async Task ForwardAsync(NetworkStream client, NetworkStream server)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReadAsync(buffer) is var read and > 0)
        {
            if (Encoding.Latin1.GetString(buffer, 0, read).Split("\r\n")[0].Contains(_text, StringComparison.Ordinal))
            {
                _stalled.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
            }

            await server.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
