using System.Net.Sockets;
using System.Text;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Forwards HTTP requests to a real server on this machine. Those whose first line has a text get no answer.</summary>
internal sealed class StallingRelay : IDisposable
{
    private readonly TcpRelay _relay;
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _text;

    public StallingRelay(int port, string text)
    {
        _text = text;
        _relay = new TcpRelay(
            () => port, (client, server) => Task.WhenAny(ForwardAsync(client, server), server.CopyToAsync(client)));
    }

    public int Port => _relay.Port;

    /// <summary>Completes when the first request is held.</summary>
    public Task Stalled => _stalled.Task;

    public void Dispose() => _relay.Dispose();

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
