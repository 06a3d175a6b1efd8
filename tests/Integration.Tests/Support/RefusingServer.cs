using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>An IMAP server of a few words, whose folder holds three emails and which answers NO to whoever asks for the body of the second.</summary>
internal sealed class RefusingServer : IDisposable
{
    public const uint Refused = 2;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RefusingServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static string Body(uint uid) => $"Subject: {uid}\r\n\r\nBody {uid}\r\n";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private static async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await SendAsync(stream, "* OK [CAPABILITY IMAP4rev1] ready\r\n");
            while (await reader.ReadLineAsync() is { } line)
            {
                var (tag, command) = (line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                await SendAsync(stream, Answer(tag, command));
            }
        }
    }

    private static string Answer(string tag, string command) => command.Split(' ')[0] switch
    {
        "CAPABILITY" => $"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
        "LIST" => $"* LIST () \"/\" INBOX\r\n{tag} OK done\r\n",
        "EXAMINE" => $"* 3 EXISTS\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 4] next\r\n{tag} OK [READ-ONLY] done\r\n",
        "UID" when command.StartsWith("UID SEARCH", StringComparison.Ordinal) => $"* SEARCH {string.Join(' ', Asked(command))}\r\n{tag} OK done\r\n",
        "UID" => Fetch(tag, command),
        _ => $"{tag} OK done\r\n",
    };

    private static string Fetch(string tag, string command)
    {
        var text = new StringBuilder();
        foreach (var uid in Asked(command))
        {
            if (!command.Contains("BODY", StringComparison.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} RFC822.SIZE {Body(uid).Length} INTERNALDATE \"24-Nov-2026 08:00:00 +0000\")\r\n");
            else if (uid == Refused)
                return text.Append(CultureInfo.InvariantCulture, $"{tag} NO [SERVERBUG] that message cannot be read\r\n").ToString();
            else
                text.Append(CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} BODY[] {{{Body(uid).Length}}}\r\n{Body(uid)})\r\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{tag} OK done\r\n").ToString();
    }

    // The UIDs in the command's set: UID SEARCH UID 1:* or UID FETCH 1,3:4 (…).
    private static IEnumerable<uint> Asked(string command)
    {
        var set = command.Split(' ').Skip(2).First(word => char.IsAsciiDigit(word[0]));
        foreach (var uid in (uint[])[1, 2, 3])
        {
            if (set.Split(',').Any(range => Holds(range.Split(':'), uid)))
                yield return uid;
        }
    }

    private static bool Holds(string[] range, uint uid) =>
        uint.Parse(range[0], CultureInfo.InvariantCulture) <= uid
        && (range[^1] == "*" || uint.Parse(range[^1], CultureInfo.InvariantCulture) >= uid);

    private static async Task SendAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
}
