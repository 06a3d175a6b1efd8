using System.Net.Sockets;
using System.Text;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A proxy for a Redis on this machine that loses the reply to one command: Redis executes it, and the connection ends before its reply or
/// within it.
/// </summary>
internal sealed class LosingProxy : IDisposable
{
    private readonly TcpRelay _relay;
    private byte[] _marker = [];
    private int _after;
    private int _toLose;
    private int _sent;

    public LosingProxy(int redis) => _relay = new TcpRelay(() => redis, ForwardAsync);

    public int Port => _relay.Port;

    /// <summary>How often a command with the marker was sent.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Loses the reply to the next command that contains this text, except for its first bytes.</summary>
    public void LoseReplyTo(string marker, int after = 0)
    {
        _marker = Encoding.ASCII.GetBytes(marker);
        _after = after;
        Volatile.Write(ref _sent, 0);
        Volatile.Write(ref _toLose, 1);
    }

    public void Dispose() => _relay.Dispose();

    private async Task ForwardAsync(NetworkStream client, NetworkStream redis)
    {
        var losing = new TaskCompletionSource();
        await Task.WhenAny(ForwardCommandsAsync(client, redis, losing), ForwardRepliesAsync(redis, client, losing.Task));
    }

    // The client library writes a command of this size in one piece.
    private async Task ForwardCommandsAsync(NetworkStream client, NetworkStream redis, TaskCompletionSource losing)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReadAsync(buffer) is > 0 and var count)
        {
            if (_marker.Length > 0 && buffer.AsSpan(0, count).IndexOf(_marker) >= 0)
            {
                Interlocked.Increment(ref _sent);
                if (Interlocked.Exchange(ref _toLose, 0) == 1)
                    losing.SetResult();
            }

            await redis.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task ForwardRepliesAsync(NetworkStream redis, NetworkStream client, Task losing)
    {
        var buffer = new byte[64 * 1024];
        for (int? left = null; left != 0 && await redis.ReadAsync(buffer) is > 0 and var count;)
        {
            if (losing.IsCompleted)
            {
                left ??= _after;
                count = Math.Min(count, left.Value);
                left -= count;
            }

            await client.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
