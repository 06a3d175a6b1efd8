using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.DevServers;

/// <summary>
/// An IMAP client for commands that MailKit does not support: APPEND of unchanged bytes, even broken ones (MailKit parses and rewrites
/// them), CREATE of a whole path, RENAME of INBOX. It sends many messages in one command (MULTIAPPEND, RFC 3502) without a continuation
/// request (LITERAL+, RFC 7888).
/// </summary>
internal sealed class RawImap : IDisposable
{
    private readonly TcpClient client = new(AddressFamily.InterNetwork);
    private Stream output = Stream.Null;
    private StreamReader input = StreamReader.Null;
    private int tag;

    public async Task ConnectAsync(int port, string user, string password, CancellationToken ct)
    {
        await client.ConnectAsync(IPAddress.Loopback, port, ct);
        output = new BufferedStream(client.GetStream(), 64 * 1024);
        input = new StreamReader(client.GetStream(), Encoding.Latin1);
        await BeginAsync("LOGIN", [], ct);
        await TextAsync(" ", ct);
        await LiteralAsync(Encoding.UTF8.GetBytes(user), ct);
        await TextAsync(" ", ct);
        await LiteralAsync(Encoding.UTF8.GetBytes(password), ct);
        Require(await EndAsync(ct));
    }

    /// <summary>Creates a folder and its parents, unless it exists.</summary>
    public async Task CreateAsync(string folder, CancellationToken ct)
    {
        var answer = await RunAsync("CREATE", [folder], ct);
        if (!answer.StartsWith("NO [ALREADYEXISTS]", StringComparison.Ordinal)) Require(answer);
    }

    public async Task DeleteAsync(string folder, CancellationToken ct) => Require(await RunAsync("DELETE", [folder], ct));

    public async Task RenameAsync(string from, string to, CancellationToken ct) =>
        Require(await RunAsync("RENAME", [from, to], ct));

    /// <summary>Deletes the emails of a folder.</summary>
    public async Task DeleteAllAsync(string folder, CancellationToken ct)
    {
        Require(await RunAsync("SELECT", [folder], ct));
        await RunAsync("STORE 1:* +FLAGS.SILENT (\\Deleted)", [], ct);
        Require(await RunAsync("EXPUNGE", [], ct));
        Require(await RunAsync("UNSELECT", [], ct));
    }

    /// <returns>The UIDs that the server assigned, in order.</returns>
    public async Task<IEnumerable<uint>> AppendAsync(
        string folder, IEnumerable<(byte[] Raw, DateTimeOffset InternalDate)> messages, CancellationToken ct)
    {
        await BeginAsync("APPEND", [folder], ct);
        foreach (var (raw, date) in messages)
        {
            var zone = date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
            var moment = date.ToString("dd-MMM-yyyy HH':'mm':'ss", CultureInfo.InvariantCulture);
            await TextAsync($" \"{moment} {zone}\" ", ct);
            await LiteralAsync(raw, ct);
        }

        return Uids(Require(await EndAsync(ct)));
    }

    public void Dispose()
    {
        input.Dispose();
        client.Dispose();
    }

    private async Task<string> RunAsync(string command, string[] folders, CancellationToken ct)
    {
        await BeginAsync(command, folders, ct);
        return await EndAsync(ct);
    }

    private async Task BeginAsync(string command, string[] folders, CancellationToken ct)
    {
        await TextAsync($"a{++tag} {command}", ct);
        foreach (var folder in folders)
        {
            await TextAsync(" ", ct);
            await LiteralAsync(Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(folder)), ct);
        }
    }

    private async Task TextAsync(string text, CancellationToken ct) => await output.WriteAsync(Encoding.ASCII.GetBytes(text), ct);

    private async Task LiteralAsync(byte[] bytes, CancellationToken ct)
    {
        await TextAsync($"{{{bytes.Length}+}}\r\n", ct);
        await output.WriteAsync(bytes, ct);
    }

    private async Task<string> EndAsync(CancellationToken ct)
    {
        await TextAsync("\r\n", ct);
        await output.FlushAsync(ct);
        while (await input.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith($"a{tag} ", StringComparison.Ordinal)) return line[$"a{tag} ".Length..];
            if (line.StartsWith("* BYE", StringComparison.Ordinal)) return line;
        }

        throw new IOException("The demo server closed the connection.");
    }

    private static string Require(string answer) => answer.StartsWith("OK", StringComparison.Ordinal)
        ? answer
        : throw new InvalidOperationException($"The demo server answered: {answer}");

    // "OK [APPENDUID 1795502181 1:500] …"
    private static IEnumerable<uint> Uids(string answer) => answer
        .Split("[APPENDUID ")[1].Split(']')[0].Split(' ')[1].Split(',')
        .Select(range => range.Split(':').Select(uid => uint.Parse(uid, CultureInfo.InvariantCulture)).ToArray())
        .SelectMany(range => Enumerable.Range((int)range[0], (int)(range[^1] - range[0]) + 1))
        .Select(uid => (uint)uid);
}
