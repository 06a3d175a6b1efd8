using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.Servers;

/// <summary>
/// Asks one server one thing on a connection of its own, whatever role it has. Loops use it, where a process for each question would take
/// much processor time.
/// </summary>
internal static class RedisQuestion
{
    // A paused server accepts a connection and does not answer.
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Sends a command to the server on a port. Returns its answer, one line for each element, or the text of its error; an empty text if
    /// it does not answer, or is not there.
    /// </summary>
    public static async Task<string> AskAsync(int port, string? password, CancellationToken ct, params string[] command)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(AnswersWithin);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, timeout.Token);
            await using var stream = new BufferedStream(new NetworkStream(socket));
            if (password is not null)
                await ReadAsync(stream, ["AUTH", password], timeout.Token);
            return string.Join('\n', await ReadAsync(stream, command, timeout.Token)).Trim();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return "";
        }
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(BufferedStream stream, string[] command, CancellationToken ct)
    {
        await stream.WriteAsync(RespReader.Write([.. RespReader.Bytes(command)]), ct);
        await stream.FlushAsync(ct);
        var lines = new List<string>();
        await ReadElementAsync(stream, lines, ct);
        return lines;
    }

    private static async Task ReadElementAsync(BufferedStream stream, List<string> lines, CancellationToken ct)
    {
        var head = await new RespReader(stream).LineAsync(ct) ?? throw new EndOfStreamException();
        var rest = head[1..];
        switch (head[0])
        {
            case '*':
                for (var left = Number(rest); left > 0; left--) await ReadElementAsync(stream, lines, ct);
                break;
            case '$' when Number(rest) is >= 0 and var length:
                var text = new byte[length + 2];
                await stream.ReadExactlyAsync(text, ct);
                lines.Add(Encoding.UTF8.GetString(text, 0, length));
                break;
            case '$':
                lines.Add("");
                break;
            default:
                lines.Add(rest);
                break;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
