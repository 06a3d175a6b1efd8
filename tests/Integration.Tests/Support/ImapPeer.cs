using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A minimal IMAP server with a few emails. It shows behavior that a real server cannot be made to show.</summary>
internal sealed class ImapPeer : IDisposable
{
    /// <summary>What a request for data and beginnings of emails contains.</summary>
    public const string Beginning = "RFC822.SIZE BODY.PEEK[]<0.";

    private const int BeginningLength = 32 * 1024;

    private readonly LoopbackListener _listener;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NetworkStream, string> _idling = new();
    private int _connections;
    private readonly List<Socket> _open = [];
    private int _mostOpen;

    public ImapPeer() => _listener = new LoopbackListener(ServeAsync);

    public int Port => _listener.Port;

    /// <summary>A server that has IDLE.</summary>
    public static ImapPeer WithIdle() => new() { HasIdle = true, Greeting = "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n" };

    /// <summary>The number of emails, with UIDs from 1.</summary>
    public uint Count { get; set; } = 3;

    /// <summary>Returns the answer to a command, in which <c>{tag}</c> stands for the command's tag; null for the default answer.</summary>
    public Func<string, PeerAnswer?> AnswerOverride { get; set; } = _ => null;

    /// <summary>Returns the answer instead of a body, by UID. The rest of the same answer is omitted.</summary>
    public Dictionary<uint, PeerAnswer> BodyOverrides { get; } = [];

    /// <summary>The greeting.</summary>
    public string Greeting { get; set; } = "* OK [CAPABILITY IMAP4rev1] ready\r\n";

    /// <summary>The items of an email in an answer beside its UID.</summary>
    public Func<uint, string> Envelope { get; set; } = uid => $"RFC822.SIZE {Body(uid).Length} {Received}";

    /// <summary>The body in an answer: a literal, a string or NIL.</summary>
    public Func<uint, string> BodyAnswer { get; set; } = uid => Literal(Body(uid));

    /// <summary>
    /// Whether the server returns data and beginnings of emails at once. If not, it ignores the data and the requested length.
    /// </summary>
    public bool HasBeginnings { get; set; } = true;

    /// <summary>The number of connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The largest number of connections that were open at the same time.</summary>
    public int MostOpen => Volatile.Read(ref _mostOpen);

    /// <summary>The number of open connections.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Whether the server has IDLE. To be set with a greeting that says so: see <see cref="WithIdle"/>.</summary>
    public bool HasIdle { get; set; }

    /// <summary>Whether the server does not answer the end of an IDLE.</summary>
    public bool IgnoresDone { get; set; }

    /// <summary>The end of an IDLE is answered after this. Where it fails, the connection ends.</summary>
    public Task EndsIdle { get; set; } = Task.CompletedTask;

    /// <summary>The number of connections in IDLE.</summary>
    public int Idling => _idling.Count;

    /// <summary>The received commands without their tags.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    public static string Received => "INTERNALDATE \"24-Nov-2026 08:00:00 +0000\"";

    public static string Literal(string text) => $"{{{text.Length}}}\r\n{text}";

    public static string Body(uint uid) => Header(uid) + $"Body {uid}\r\n";

    /// <summary>Makes it the server of the only mailbox.</summary>
    public void Serve(LocalSettings settings) => Serve(settings, 0);

    /// <summary>Makes it the server of one of several mailboxes.</summary>
    public void Serve(LocalSettings settings, int index)
    {
        settings[$"Mailboxes:{index}:Host"] = "127.0.0.1";
        settings[$"Mailboxes:{index}:Port"] = Port.ToString(CultureInfo.InvariantCulture);
        settings[$"Mailboxes:{index}:Security"] = "None";
        settings[$"Mailboxes:{index}:CertificateAuthority"] = null;
    }

    /// <summary>Sends a text to each connection in IDLE.</summary>
    public async Task PushAsync(string text)
    {
        foreach (var stream in _idling.Keys)
            await SendAsync(stream, text);
    }

    /// <summary>Closes each connection in IDLE.</summary>
    public void CutIdle()
    {
        foreach (var stream in _idling.Keys)
            stream.Dispose();
    }

    public void Dispose() => _listener.Dispose();

    private static string Header(uint uid) => $"Subject: {uid}\r\n\r\n";

    private async Task ServeAsync(TcpClient client)
    {
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        using var open = Connect(client.Client);
        await SendAsync(stream, Greeting);
        try
        {
            await AnswerAsync(stream, reader);
        }
        finally
        {
            _idling.TryRemove(stream, out _);
        }
    }

    private async Task AnswerAsync(NetworkStream stream, StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "DONE" && _idling.TryRemove(stream, out var idle))
            {
                await EndsIdle;
                if (!IgnoresDone)
                    await SendAsync(stream, $"{idle} OK done\r\n");
                continue;
            }

            var (tag, command) = (line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            Commands.Enqueue(command);
            if (HasIdle && command == "IDLE")
            {
                await SendAsync(stream, "+ idling\r\n");
                _idling[stream] = tag;
                continue;
            }

            var answer = AnswerOverride(command) ?? Answer(command);
            await SendAsync(stream, answer.Text.Replace("{tag}", tag, StringComparison.Ordinal));
            if (answer.ClosesConnection)
                return;
        }
    }

    private OpenConnection Connect(Socket socket)
    {
        lock (_gate)
        {
            _connections++;
            // A busy test may accept a connection before it reads that the client has closed the one before.
            _mostOpen = Math.Max(_mostOpen, _open.Count(other => !IsClosed(other)) + 1);
            _open.Add(socket);
        }

        return new OpenConnection(this, socket);
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    private PeerAnswer Answer(string command) => command.Split(' ')[0] switch
    {
        "CAPABILITY" => new($"* CAPABILITY IMAP4rev1{(HasIdle ? " IDLE" : "")}\r\n{{tag}} OK done\r\n"),
        "LIST" => new($"* LIST () \"/\" {Listed(command)}\r\n{{tag}} OK done\r\n"),
        "EXAMINE" => new(
            $"* {Count} EXISTS\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 7] valid\r\n"
            + $"* OK [UIDNEXT {Count + 1}] next\r\n{{tag}} OK [READ-ONLY] done\r\n"),
        "UID" when command.StartsWith("UID SEARCH", StringComparison.Ordinal) =>
            new($"* SEARCH {string.Join(' ', Asked(command))}\r\n{{tag}} OK done\r\n"),
        "UID" => Fetch(command),
        _ => new("{tag} OK done\r\n"),
    };

    private PeerAnswer Fetch(string command)
    {
        var text = new StringBuilder();
        foreach (var uid in Asked(command))
        {
            if (!command.Contains("BODY", StringComparison.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} {Envelope(uid)})\r\n");
            else if (command.Contains("HEADER", StringComparison.Ordinal))
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"* {uid} FETCH (UID {uid} BODY[HEADER]<0> {{{Header(uid).Length}}}\r\n{Header(uid)})\r\n");
            else if (BodyOverrides.TryGetValue(uid, out var instead))
                return instead with { Text = text + instead.Text };
            else if (HasBeginnings && command.Contains(Beginning, StringComparison.Ordinal))
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"* {uid} FETCH (UID {uid} {Envelope(uid)} BODY[]<0> {BeginningOf(BodyAnswer(uid))})\r\n");
            else
                text.Append(CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} BODY[] {BodyAnswer(uid)})\r\n");
        }

        return new(text + "{tag} OK done\r\n");
    }

    // Every requested folder exists.
    private static string Listed(string command) => command.Split(' ', 3)[2] is var name && name == "\"\"" ? "INBOX" : name;

    // The UIDs in the command's set: UID SEARCH UID 1:* or UID FETCH 1,3:4 (…).
    private IEnumerable<uint> Asked(string command)
    {
        var set = command.Split(' ').Skip(2).First(word => char.IsAsciiDigit(word[0]));
        for (var uid = 1u; uid <= Count; uid++)
        {
            if (set.Split(',').Any(range => Contains(range.Split(':'), uid)))
                yield return uid;
        }
    }

    private static bool Contains(string[] range, uint uid) =>
        uint.Parse(range[0], CultureInfo.InvariantCulture) <= uid
        && (range[^1] == "*" || uint.Parse(range[^1], CultureInfo.InvariantCulture) >= uid);

    // Clients request this much of each email.
    private static string BeginningOf(string answer) =>
        answer.Length > BeginningLength && answer.StartsWith('{') ? Literal(answer.Split("\r\n", 2)[1][..BeginningLength]) : answer;

    private static async Task SendAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    private sealed class OpenConnection(ImapPeer peer, Socket socket) : IDisposable
    {
        public void Dispose()
        {
            lock (peer._gate)
                peer._open.Remove(socket);
        }
    }
}

/// <param name="Text">The text of the answer.</param>
/// <param name="ClosesConnection">Whether the server closes the connection after it.</param>
internal sealed record PeerAnswer(string Text, bool ClosesConnection = false);
