using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// Forwards IMAP connections without TLS to a real server on this machine. It can hide capabilities, and close the connection after the
/// server has carried out a command and before the client hears of it.
/// </summary>
internal sealed class ImapRelay : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly int _port;
    private readonly string[] _hidden;
    private Regex? _cut;
    private int _cuts;

    /// <param name="port">The port of the server.</param>
    /// <param name="hidden">The capabilities that clients do not see.</param>
    public ImapRelay(int port, params string[] hidden)
    {
        (_port, _hidden) = (port, hidden);
        _listener = new LoopbackListener(RelayAsync);
    }

    public int Port => _listener.Port;

    /// <summary>The number of connections that were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>The commands of the clients, in order.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Cuts the connection of the next command that matches, after the server has answered it.</summary>
    public void CutAfter(string pattern) => Volatile.Write(ref _cut, new Regex(pattern));

    public void Dispose() => _listener.Dispose();

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, _port);
        var link = new Link(client.GetStream(), server.GetStream());
        await Task.WhenAny(ForwardCommandsAsync(link), ForwardAnswersAsync(link));
    }

    private async Task ForwardCommandsAsync(Link link)
    {
        var buffer = new byte[64 * 1024];
        while (await link.Client.ReadAsync(buffer) is > 0 and var count)
        {
            foreach (var line in Encoding.Latin1.GetString(buffer, 0, count).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            {
                Commands.Enqueue(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                if (Volatile.Read(ref _cut) is { } cut && cut.IsMatch(line) && Interlocked.CompareExchange(ref _cut, null, cut) == cut)
                    link.Tag = line.Split(' ')[0];
            }

            await link.Server.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task ForwardAnswersAsync(Link link)
    {
        var buffer = new byte[64 * 1024];
        var held = "";
        while (await link.Server.ReadAsync(buffer) is > 0 and var count)
        {
            var text = Encoding.Latin1.GetString(buffer, 0, count);
            if (link.Tag is { } tag)
            {
                held += text;
                if (!held.Contains($"{tag} OK", StringComparison.Ordinal))
                    continue;
                Interlocked.Increment(ref _cuts);
                return;
            }

            // Of the same length, so that no literal changes.
            foreach (var capability in _hidden)
                text = Regex.Replace(text, $@"(?<= ){capability}(?=[ \]\r])", new string('X', capability.Length));
            await link.Client.WriteAsync(Encoding.Latin1.GetBytes(text));
        }
    }

    private sealed class Link(NetworkStream client, NetworkStream server)
    {
        public NetworkStream Client => client;

        public NetworkStream Server => server;

        /// <summary>The tag of the command after which the connection is cut.</summary>
        public string? Tag { get; set; }
    }
}
