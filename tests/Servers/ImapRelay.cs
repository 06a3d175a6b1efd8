using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace EmailIngestion.Servers;

/// <summary>
/// Forwards IMAP connections without TLS to a real server on this machine. It can hide capabilities, and close the connection after the
/// server has carried out a command and before the client hears of it.
/// </summary>
internal sealed class ImapRelay : IDisposable
{
    private readonly TcpRelay _relay;
    private readonly string[] _hidden;
    private Cutting? _cutting;
    private int _cuts;

    /// <param name="port">The port of the server.</param>
    /// <param name="hidden">The capabilities that clients do not see.</param>
    public ImapRelay(int port, params string[] hidden)
    {
        _hidden = hidden;
        _relay = new TcpRelay(() => port, ForwardAsync);
    }

    public int Port => _relay.Port;

    /// <summary>The number of connections that were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>The commands of the clients, in order.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Cuts the connection of the next command that matches, after the server has answered it.</summary>
    /// <param name="pattern">A regular expression for the line of the command.</param>
    /// <param name="before">What is done before the cut. It gets the line.</param>
    public void CutAfter(string pattern, Func<string, Task>? before = null) =>
        Volatile.Write(ref _cutting, new Cutting(new Regex(pattern), before ?? (_ => Task.CompletedTask), IsCut: true));

    /// <summary>Runs an action after the server has answered the next command that matches, before the client hears of it.</summary>
    public void After(string pattern, Func<Task> action) =>
        Volatile.Write(ref _cutting, new Cutting(new Regex(pattern), _ => action(), IsCut: false));

    /// <summary>Takes back <see cref="CutAfter"/>, unless the command has come.</summary>
    public void CutNoMore() => Volatile.Write(ref _cutting, null);

    /// <summary>Cuts all open connections.</summary>
    public void Cut() => _relay.Cut();

    public void Dispose() => _relay.Dispose();

    private async Task ForwardAsync(NetworkStream client, NetworkStream server)
    {
        var link = new Link(client, server);
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
                if (Volatile.Read(ref _cutting) is { } cutting && cutting.Pattern.IsMatch(line)
                    && Interlocked.CompareExchange(ref _cutting, null, cutting) == cutting)
                    link.Last = (line.Split(' ')[0], line, cutting);
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
            if (link.Last is { } last)
            {
                held += text;
                if (!held.Contains($"{last.Tag} OK", StringComparison.Ordinal))
                    continue;
                await last.Cutting.Before(last.Line);
                if (last.Cutting.IsCut)
                {
                    Interlocked.Increment(ref _cuts);
                    return;
                }

                (text, held, link.Last) = (held, "", null);
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

        /// <summary>The command whose answer is held.</summary>
        public (string Tag, string Line, Cutting Cutting)? Last { get; set; }
    }

    private sealed record Cutting(Regex Pattern, Func<string, Task> Before, bool IsCut);
}
