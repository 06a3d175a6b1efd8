using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using EmailIngestion.DevServers;
using MailKit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// An IMAP client that uses only RFC 3501, so that every server understands it: one message in each APPEND, synchronizing literals only,
/// and the bytes of a message as the server sends them.
/// </summary>
internal sealed partial class PlainImap : IDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(60);

    private readonly TcpClient _client = new(AddressFamily.InterNetwork);
    private BufferedStream _stream = null!;
    private int _tag;

    public static async Task<PlainImap> ConnectAsync(int port, string user, string password)
    {
        var imap = new PlainImap();
        await imap._client.ConnectAsync(IPAddress.Loopback, port);
        imap._stream = new BufferedStream(imap._client.GetStream(), 64 * 1024);
        await imap.LineAsync();
        await imap.RequireAsync($"LOGIN {Quoted(user)} {Quoted(password)}");
        return imap;
    }

    /// <summary>
    /// The prefix of the user's folders and the hierarchy separator, from NAMESPACE, or from LIST if the server lacks NAMESPACE.
    /// </summary>
    public async Task<(string Prefix, string Delimiter)> NamespaceAsync()
    {
        var (status, lines) = await RunAsync("NAMESPACE");
        var personal = PersonalNamespace().Match(lines.FirstOrDefault().Text ?? "");
        if (status.StartsWith("OK", StringComparison.Ordinal) && personal.Success)
            return (personal.Groups["prefix"].Value, personal.Groups["delimiter"].Value);
        var listed = await RequireAsync("LIST \"\" \"\"");
        return ("", RootDelimiter().Match(listed[0].Text).Groups["delimiter"].Value);
    }

    public Task CreateAsync(string folder) => RequireAsync($"CREATE {Name(folder)}");

    public Task DeleteAsync(string folder) => RequireAsync($"DELETE {Name(folder)}");

    public async Task<uint> UidValidityAsync(string folder)
    {
        var lines = await RequireAsync($"STATUS {Name(folder)} (UIDVALIDITY)");
        return uint.Parse(UidValidity().Match(lines[0].Text).Groups["value"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Returns null, or the reason why the server refuses the message.</summary>
    public async Task<string?> TryAppendAsync(string folder, byte[] raw, DateTimeOffset? received = null)
    {
        var moment = (received ?? TimeProvider.System.GetUtcNow()).UtcDateTime;
        var date = moment.ToString("dd-MMM-yyyy HH':'mm':'ss '+0000'", CultureInfo.InvariantCulture);
        var tag = await SendAsync($"APPEND {Name(folder)} \"{date}\" {{{raw.Length}}}");
        if (await LineAsync() is var asked && !asked.StartsWith('+'))
            return asked;
        await _stream.WriteAsync(raw);
        await _stream.WriteAsync("\r\n"u8.ToArray());
        var (status, _) = await AnswerAsync(tag);
        return status.StartsWith("OK", StringComparison.Ordinal) ? null : status;
    }

    public async Task AppendAsync(string folder, params IEnumerable<byte[]> mails)
    {
        foreach (var raw in mails)
        {
            if (await TryAppendAsync(folder, raw) is { } refusal)
                throw new InvalidOperationException($"APPEND to {folder}: {refusal}");
        }
    }

    /// <summary>Reads the emails of the folder without changing them.</summary>
    public async Task<IReadOnlyList<StoredMail>> ReadAsync(string folder)
    {
        await RequireAsync($"EXAMINE {Name(folder)}");
        var mails = await RequireAsync("UID FETCH 1:* (UID FLAGS BODY.PEEK[])");
        return
        [
            .. mails.Where(line => line.Literal is not null).Select(line => new StoredMail(
                uint.Parse(Uid().Match(line.Text).Groups["value"].Value, CultureInfo.InvariantCulture),
                line.Text.Contains("\\Seen", StringComparison.OrdinalIgnoreCase) ? MessageFlags.Seen : MessageFlags.None,
                line.Literal!)),
        ];
    }

    public async Task ExpungeAsync(string folder, params IEnumerable<uint> uids)
    {
        await RequireAsync($"SELECT {Name(folder)}");
        await RequireAsync($"UID STORE {string.Join(',', uids)} +FLAGS.SILENT (\\Deleted)");
        await RequireAsync("EXPUNGE");
        await RequireAsync("CLOSE");
    }

    /// <summary>Runs a command that has no literal, and returns the lines before its OK.</summary>
    public async Task<IReadOnlyList<string>> CommandAsync(string command) => [.. (await RequireAsync(command)).Select(line => line.Text)];

    public void Dispose() => _client.Dispose();

    private static string Name(string folder) => Quoted(ModifiedUtf7.Encode(folder));

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private async Task<IReadOnlyList<(string Text, byte[]? Literal)>> RequireAsync(string command)
    {
        var (status, lines) = await RunAsync(command);
        return status.StartsWith("OK", StringComparison.Ordinal) ? lines : throw new InvalidOperationException($"{command}: {status}");
    }

    private async Task<(string Status, IReadOnlyList<(string Text, byte[]? Literal)> Lines)> RunAsync(string command) =>
        await AnswerAsync(await SendAsync(command));

    private async Task<string> SendAsync(string command)
    {
        var tag = $"p{++_tag}";
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"{tag} {command}\r\n"));
        await _stream.FlushAsync();
        return tag;
    }

    // Returns the text of an answer without its literal, and the literal. No answer here has two.
    private async Task<(string Status, IReadOnlyList<(string Text, byte[]? Literal)> Lines)> AnswerAsync(string tag)
    {
        await _stream.FlushAsync();
        var lines = new List<(string, byte[]?)>();
        while (true)
        {
            var line = await LineAsync();
            if (line.StartsWith($"{tag} ", StringComparison.Ordinal))
                return (line[(tag.Length + 1)..], lines);
            byte[]? literal = null;
            if (LiteralSize().Match(line) is { Success: true } size)
            {
                literal = new byte[int.Parse(size.Groups["value"].Value, CultureInfo.InvariantCulture)];
                await _stream.ReadExactlyAsync(literal).AsTask().WaitAsync(AnswersWithin, TimeProvider.System);
                line += await LineAsync();
            }

            lines.Add((line, literal));
        }
    }

    private async Task<string> LineAsync()
    {
        using var deadline = new CancellationTokenSource(AnswersWithin, TimeProvider.System);
        var line = new List<byte>();
        var one = new byte[1];
        while (line is not [.., (byte)'\r', (byte)'\n'])
        {
            await _stream.ReadExactlyAsync(one, deadline.Token);
            line.Add(one[0]);
        }

        return Encoding.Latin1.GetString([.. line[..^2]]);
    }

    [GeneratedRegex(@"^\* NAMESPACE \(\(""(?<prefix>[^""]*)"" ""(?<delimiter>[^""]+)""")]
    private static partial Regex PersonalNamespace();

    [GeneratedRegex(@"^\* LIST \([^)]*\) ""(?<delimiter>[^""]+)""")]
    private static partial Regex RootDelimiter();

    [GeneratedRegex("UIDVALIDITY (?<value>[0-9]+)")]
    private static partial Regex UidValidity();

    [GeneratedRegex("UID (?<value>[0-9]+)")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\{(?<value>[0-9]+)\}$")]
    private static partial Regex LiteralSize();
}
