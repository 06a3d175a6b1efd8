using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A proxy for a Redis on this machine that loses the reply to one command: Redis executes it, and the connection ends before its reply.
/// </summary>
internal sealed class LosingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _redis;
    private readonly Task _accepting;
    private byte[] _marker = [];
    private int _toLose;
    private int _sent;

    public LosingProxy(int redis)
    {
        _redis = redis;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often a command with the marker was sent.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Loses the reply to the next command that contains this text.</summary>
    public void LoseReplyTo(string marker)
    {
        _marker = Encoding.ASCII.GetBytes(marker);
        Volatile.Write(ref _sent, 0);
        Volatile.Write(ref _toLose, 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var redis = new TcpClient();
        using (client)
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
        {
            try
            {
                await redis.ConnectAsync(IPAddress.Loopback, _redis, ended.Token);
                var losing = new TaskCompletionSource();
                var asking = AskAsync(client.GetStream(), redis.GetStream(), losing, ended.Token);
                var answering = AnswerAsync(redis.GetStream(), client.GetStream(), losing.Task, ended.Token);
                await Task.WhenAny(asking, answering);
                await ended.CancelAsync();
                await Task.WhenAll(asking, answering);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side has closed the connection.
            }
        }
    }

    // The client library writes a command of this size in one piece.
    private async Task AskAsync(NetworkStream asked, NetworkStream redis, TaskCompletionSource losing, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await asked.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (_marker.Length > 0 && buffer.AsSpan(0, count).IndexOf(_marker) >= 0)
            {
                Interlocked.Increment(ref _sent);
                if (Interlocked.Exchange(ref _toLose, 0) == 1)
                    losing.SetResult();
            }

            await redis.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private static async Task AnswerAsync(NetworkStream redis, NetworkStream asked, Task losing, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await redis.ReadAsync(buffer, cancellationToken) is > 0 and var count && !losing.IsCompleted)
            await asked.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
    }
}
