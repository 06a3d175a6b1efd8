using System.Net;
using System.Net.Sockets;
using System.Text;
using EmailIngestion.Servers;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A proxy for the shared Redis that loses the reply to one command: Redis executes it, and the connection ends before its reply or
/// within it. It can also have Redis refuse one command.
/// </summary>
internal sealed class LosingProxy : IDisposable
{
    private readonly TcpRelay _relay;
    private byte[] _marker = [];
    private int _after;
    private int _toLose;
    private int _toRefuse;
    private int _sent;

    public LosingProxy(TestServers servers)
    {
        var redis = ((IPEndPoint)servers.Redis.GetEndPoints()[0]).Port;
        _relay = new TcpRelay(() => redis, ForwardAsync);
        var through = ConfigurationOptions.Parse(servers.RedisConnectionString);
        through.EndPoints.Clear();
        through.EndPoints.Add("127.0.0.1", _relay.Port);
        ConnectionString = through.ToString(includePassword: true);
    }

    /// <summary>How the Redis is reached through the proxy.</summary>
    public string ConnectionString { get; }

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

    /// <summary>Has Redis refuse one command of this name as unknown: the next is number 1.</summary>
    public void Refuse(string name, int number)
    {
        _marker = Encoding.ASCII.GetBytes(name);
        Volatile.Write(ref _toRefuse, number);
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
                if (Volatile.Read(ref _toRefuse) > 0)
                    RefuseIn(buffer.AsSpan(0, count));
            }

            await redis.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private void RefuseIn(Span<byte> commands)
    {
        while (commands.IndexOf(_marker) is >= 0 and var at)
        {
            if (Interlocked.Decrement(ref _toRefuse) == 0)
                commands[at] = (byte)'?';
            commands = commands[(at + _marker.Length)..];
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
