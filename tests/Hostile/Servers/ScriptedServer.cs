using System.Net.Sockets;
using System.Text;
using EmailIngestion.Servers;

namespace EmailIngestion.Hostile.Servers;

/// <summary>An IMAP server on this machine that answers by a dialogue.</summary>
internal sealed class ScriptedServer : IDisposable
{
    // Endless answers are cut here, far beyond every bound.
    private const long MostInOneAnswer = 256 * 1024 * 1024;

    private readonly Dialogue _dialogue;
    private readonly LoopbackListener _listener;
    private long _sent;

    public ScriptedServer(Dialogue dialogue)
    {
        _dialogue = dialogue;
        _listener = new LoopbackListener(ServeAsync);
    }

    public int Port => _listener.Port;

    /// <summary>The number of bytes sent to clients.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(TcpClient client)
    {
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        if (!await AnswerAsync(stream, Step.Greeting, new Command("*", "")))
            return;
        while (await reader.ReadLineAsync() is { } line)
        {
            var command = new Command(line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            if (!await AnswerAsync(stream, command.Step, command))
                return;
        }
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, Step step, Command command)
    {
        long sent = 0;
        foreach (var piece in _dialogue.Answer(step, command))
        {
            if (_dialogue.Pace > TimeSpan.Zero)
                await Task.Delay(_dialogue.Pace, TimeProvider.System);
            await stream.WriteAsync(piece);
            Interlocked.Add(ref _sent, piece.Length);
            if ((sent += piece.Length) > MostInOneAnswer)
                return false;
        }

        return !_dialogue.HangsUp.Contains(step);
    }
}
