using EmailIngestion.DevServers;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace EmailIngestion.Faults;

/// <summary>
/// The mail server with its mailboxes. They are filled before and during the run and read at the end: every email in them must be accounted
/// for.
/// </summary>
internal sealed class Mailboxes : IAsyncDisposable
{
    /// <summary>How many consecutive emails one mailbox receives.</summary>
    public const int Batch = 50;

    private const string Password = "secret";
    private const string Folder = "INBOX";

    private readonly string _folder;
    private readonly Mail _mail;
    private readonly IReadOnlyList<string> _users;
    private DovecotProcess _server;

    private Mailboxes(DovecotProcess server, string folder, Mail mail, IReadOnlyList<string> users)
    {
        _server = server;
        _folder = folder;
        _mail = mail;
        _users = users;
        Proxy = new CuttingProxy(() => _server.TlsPort);
    }

    public CuttingProxy Proxy { get; }

    public static async Task<Mailboxes> StartAsync(string folder, int count, Mail mail, CancellationToken cancellationToken)
    {
        var server = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { DataFolder = folder }, TimeProvider.System, cancellationToken);
        string[] users = [.. Enumerable.Range(0, count).Select(index => $"user{index}@example.test")];
        foreach (var user in users)
            server.AddUser(user, Password);
        return new Mailboxes(server, folder, mail, users);
    }

    /// <summary>How many emails have been delivered to the mailboxes.</summary>
    public int Delivered { get; private set; }

    /// <summary>The settings of a process that polls all mailboxes through the proxy.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings(IReadOnlyList<string> partitions)
    {
        for (var index = 0; index < _users.Count; index++)
        {
            yield return new($"Mailboxes:{index}:Host", "localhost");
            yield return new($"Mailboxes:{index}:Port", Proxy.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            yield return new($"Mailboxes:{index}:CertificateAuthority", _server.CertificateAuthorityPath);
            yield return new($"Mailboxes:{index}:Username", _users[index]);
            yield return new($"Mailboxes:{index}:Password", Password);
            yield return new($"Mailboxes:{index}:StartFrom", "all");
            yield return new($"Mailboxes:{index}:Partition", partitions[index % partitions.Count]);
        }
    }

    public string NameOf(int index) => $"{_users[index]}/{Folder}";

    /// <summary>Delivers emails up to the given number. A cut may store an email twice; both then count.</summary>
    public async Task DeliverAsync(int upTo, CancellationToken cancellationToken)
    {
        while (Delivered < upTo)
        {
            var index = Delivered / Batch % _users.Count;
            var numbers = Enumerable.Range(Delivered, Math.Min(Batch - (Delivered % Batch), upTo - Delivered)).ToArray();
            var mails = numbers.Select(number => (_mail.Raw(number), TimeProvider.System.GetUtcNow()));
            try
            {
                await _server.AppendAsync(_users[index], Password, Folder, mails, cancellationToken);
                Delivered += numbers.Length;
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
            {
                // The mail server is down.
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Kills the mail server with SIGKILL and starts it on the same ports.</summary>
    public async Task CrashAsync(TimeSpan away, CancellationToken cancellationToken)
    {
        var (port, tlsPort) = (_server.Port, _server.TlsPort);
        _server.Kill();
        await _server.DisposeAsync();
        await Task.Delay(away, TimeProvider.System, cancellationToken);
        _server = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { DataFolder = _folder, Port = port, TlsPort = tlsPort }, TimeProvider.System, cancellationToken);
    }

    /// <summary>Reads mailbox, UID and number of all emails in the mailboxes.</summary>
    public async Task<IReadOnlyList<(string Mailbox, uint Uid, int Number)>> ReadAsync(CancellationToken cancellationToken)
    {
        var result = new List<(string, uint, int)>();
        for (var index = 0; index < _users.Count; index++)
        {
            using var client = new ImapClient { CheckCertificateRevocation = false };
            await client.ConnectAsync("127.0.0.1", _server.Port, SecureSocketOptions.None, cancellationToken);
            await client.AuthenticateAsync(_users[index], Password, cancellationToken);
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, cancellationToken);
            var mails = await client.Inbox.FetchAsync(
                0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope, cancellationToken);
            result.AddRange(mails.Select(mail => (NameOf(index), mail.UniqueId.Id, Mail.NumberOf(mail.Envelope!.Subject!))));
        }

        return result;
    }

    public async ValueTask DisposeAsync()
    {
        Proxy.Dispose();
        await _server.DisposeAsync();
    }
}
