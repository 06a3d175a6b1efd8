using EmailIngestion.DevServers;
using EmailIngestion.Faults.FollowUps;
using EmailIngestion.Servers;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;

namespace EmailIngestion.Faults;

/// <summary>
/// The mail server with its mailboxes. They are filled before and during the run: every email that they receive must be accounted for.
/// </summary>
internal sealed class Mailboxes : IAsyncDisposable
{
    /// <summary>How many consecutive emails one mailbox receives.</summary>
    public const int Batch = 10;

    private const string Password = "secret";

    private readonly string _folder;
    private readonly Mail _mail;
    private readonly IReadOnlyList<string> _users;
    private readonly Deliveries _deliveries = new();
    private readonly TcpRelay _proxy;
    private readonly List<PollerRelays> _relays = [];
    private DovecotProcess _server;

    private Mailboxes(
        DovecotProcess server, string folder, Mail mail, IReadOnlyList<string> users, IReadOnlyList<MailboxPlan> plans)
    {
        _server = server;
        _folder = folder;
        _mail = mail;
        _users = users;
        Plans = plans;
        _proxy = new TcpRelay(() => _server.TlsPort);
    }

    /// <summary>What pollers do with the emails of each mailbox.</summary>
    public IReadOnlyList<MailboxPlan> Plans { get; }

    public int Count => _users.Count;

    /// <summary>Mailbox, UID and number of all emails that the inboxes have received.</summary>
    public IReadOnlyList<(string Mailbox, uint Uid, int Number)> Mails => _deliveries.All;

    public static async Task<Mailboxes> StartAsync(
        string folder, IReadOnlyList<MailboxPlan> plans, Mail mail, CancellationToken cancellationToken)
    {
        var server = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { DataFolder = folder }, TimeProvider.System, cancellationToken);
        string[] users = [.. plans.Select((_, index) => $"user{index}@example.test")];
        foreach (var user in users)
            server.AddUser(user, Password);
        return new Mailboxes(server, folder, mail, users, plans);
    }

    /// <summary>Starts relays for one poller.</summary>
    public PollerRelays Relay()
    {
        var relays = new PollerRelays(_server.Port, Plans);
        _relays.Add(relays);
        return relays;
    }

    /// <summary>Cuts all connections of pollers.</summary>
    public void Cut()
    {
        _proxy.Cut();
        foreach (var relays in _relays)
            relays.Cut();
    }

    /// <summary>How many emails have been delivered to the mailboxes.</summary>
    public int Delivered { get; private set; }

    /// <summary>The settings of a process that polls all mailboxes through its relays, or else through the proxy.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings(IReadOnlyList<string> partitions, PollerRelays? relays)
    {
        for (var index = 0; index < _users.Count; index++)
        {
            var mailbox = $"Mailboxes:{index}";
            yield return new($"{mailbox}:Username", _users[index]);
            yield return new($"{mailbox}:Password", Password);
            yield return new($"{mailbox}:StartFrom", "all");
            yield return new($"{mailbox}:Partition", partitions[index % partitions.Count]);
            yield return new($"{mailbox}:AfterProcessing", Plans[index].Completed.Text);
            yield return new($"{mailbox}:AfterDeadLetter", Plans[index].DeadLetter.Text);
            yield return new($"{mailbox}:Host", "localhost");
            yield return new($"{mailbox}:Port", $"{relays?.PortOf(index) ?? _proxy.Port}");
            yield return relays is null
                ? new($"{mailbox}:CertificateAuthority", _server.CertificateAuthorityPath)
                : new($"{mailbox}:Security", "None");
        }
    }

    public string NameOf(int index) => $"{_users[index]}/{MailboxPlan.Inbox}";

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
                var uids = await _server.AppendAsync(_users[index], Password, MailboxPlan.Inbox, mails, cancellationToken);
                _deliveries.Add(NameOf(index), uids, numbers);
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

    /// <summary>Reads the emails of an account in all folders.</summary>
    public async Task<IReadOnlyList<StoredEmail>> ReadAsync(int index, CancellationToken cancellationToken)
    {
        const MessageSummaryItems Items = MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope | MessageSummaryItems.Flags;
        using var client = await ConnectAsync(index, cancellationToken);
        var result = new List<StoredEmail>();
        foreach (var folder in await client.GetFoldersAsync(client.PersonalNamespaces[0], cancellationToken: cancellationToken))
        {
            await folder.OpenAsync(FolderAccess.ReadOnly, cancellationToken);
            result.AddRange((await folder.FetchAsync(0, -1, Items, cancellationToken)).Select(mail => new StoredEmail(
                mail.UniqueId.Id, Mail.NumberOf(mail.Envelope!.Subject!), new EmailPlace(folder.FullName, FlagsOf(mail)))));
        }

        return result;
    }

    /// <summary>Finds the emails of an inbox without flags. Null when the server is down.</summary>
    public async Task<IReadOnlySet<uint>?> FindUntouchedAsync(int index, CancellationToken cancellationToken)
    {
        try
        {
            using var client = await ConnectAsync(index, cancellationToken);
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, cancellationToken);
            var query = SearchQuery.NotSeen.And(SearchQuery.NotDeleted);
            foreach (var keyword in MailboxPlan.Keywords)
                query = query.And(SearchQuery.NotKeyword(keyword));
            return (await client.Inbox.SearchAsync(query, cancellationToken)).Select(uid => uid.Id).ToHashSet();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ImapProtocolException
            or ServiceNotConnectedException or ServiceNotAuthenticatedException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        foreach (var relays in _relays)
            relays.Dispose();
        await _server.DisposeAsync();
    }

    private async Task<ImapClient> ConnectAsync(int index, CancellationToken cancellationToken)
    {
        var client = new ImapClient { CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync("127.0.0.1", _server.Port, SecureSocketOptions.None, cancellationToken);
            await client.AuthenticateAsync(_users[index], Password, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static string FlagsOf(IMessageSummary mail)
    {
        var flags = Enum.GetValues<MessageFlags>()
            .Where(flag => flag is not (MessageFlags.None or MessageFlags.Recent or MessageFlags.UserDefined))
            .Where(flag => mail.Flags?.HasFlag(flag) == true)
            .Select(flag => $@"\{flag}");
        return EmailPlace.FlagsOf(flags.Concat(mail.Keywords));
    }
}
