using System.Net.Sockets;
using EmailIngestion.Tls;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;

namespace EmailIngestion.Mailboxes;

/// <summary>A folder on an IMAP server, through MailKit. Read-only: EXAMINE and BODY.PEEK, so nothing is marked, moved or deleted.</summary>
internal sealed class ImapMailbox : IMailbox
{
    private const int MaxHeaderBytes = 256 * 1024;

    private readonly MailboxOptions _options;
    private readonly ImapClient _client;
    private readonly ImapConnection _connection;
    private readonly ServerTrust _trust;
    private readonly ServerWords _words = new();
    private IMailFolder? _folder;
    private bool _gmail;

    public ImapMailbox(MailboxOptions options, TimeSpan serverTimeout)
    {
        _options = options;
        _connection = new ImapConnection(Server, serverTimeout);
        _trust = new ServerTrust(options.CertificateAuthority, "Host");
        _client = new ImapClient(_words)
        {
            Timeout = (int)serverTimeout.TotalMilliseconds,
            // Many networks let revocation lists through to nobody; chain, dates and name are checked.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, chain, errors) => _trust.Accepts(certificate, chain, errors),
        };
    }

    public FolderState Open(CancellationToken cancellationToken)
    {
        try
        {
            var stream = _connection.Open(_options.Host, _options.EffectivePort, cancellationToken);
            return Run(() => OpenFolder(stream), cancellationToken);
        }
        catch (AuthenticationException e)
        {
            throw new MailboxException($"{Server} refuses the login of {_options.Username}: {e.Message}", e);
        }
        catch (SslHandshakeException e) when (_trust.Refusal is { } refusal)
        {
            throw new MailboxException($"The certificate of {Server} is not accepted: {refusal}", e);
        }
        catch (SslHandshakeException e)
        {
            throw new MailboxException($"{Server} does not speak TLS as Security '{_options.Security}' needs it: {FirstLine(e)}", e);
        }
        catch (FolderNotFoundException e)
        {
            throw new MailboxException($"{Server} has no folder '{_options.Folder}' for {_options.Username}.", e);
        }
        catch (SocketException e)
        {
            throw new MailboxException($"{Server} cannot be reached: {e.Message}", e);
        }
        catch (NotSupportedException e)
        {
            throw new MailboxException($"{Server} does not offer what Security '{_options.Security}' needs: {e.Message}", e);
        }
    }

    public IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken)
    {
        if (uid == uint.MaxValue)
            return [];
        // n:* always holds the last email, also when its UID is below n.
        return [.. Search(SearchQuery.Uids(new UniqueIdRange(new UniqueId(uid + 1), UniqueId.MaxValue)), cancellationToken).Where(found => found > uid)];
    }

    public IReadOnlyList<uint> SearchSince(DateOnly day, CancellationToken cancellationToken) =>
        Search(SearchQuery.DeliveredAfter(day.ToDateTime(TimeOnly.MinValue)), cancellationToken);

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        [.. Search(SearchQuery.Uids(Set(uids)), cancellationToken).Intersect(uids)];

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size | MessageSummaryItems.InternalDate;
        if (_gmail)
            items |= MessageSummaryItems.GMailMessageId;
        return
        [
            .. Run(() => FetchSummaries(uids, items), cancellationToken)
                .Where(summary => summary.UniqueId.IsValid && summary.Size.HasValue)
                .Select(summary => new EmailEnvelope(
                    summary.UniqueId.Id,
                    summary.Size!.Value,
                    summary.InternalDate?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch,
                    _gmail ? summary.GMailMessageId : null)),
        ];
    }

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken) => Run(
        () =>
        {
            try
            {
                ((ImapFolder)Folder).GetStreams([.. Set(uids)], (_, _, uid, stream) => received(uid.Id, stream));
            }
            catch (ImapCommandException e) when (IsOfTheMessage(e))
            {
                // One message that the server cannot give makes its whole answer NO; what it gave before that has been handed over, and
                // the rest is asked for again.
            }

            return true;
        },
        cancellationToken);

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken)
    {
        try
        {
            return Run(
                () =>
                {
                    using var stream = Folder.GetStream(new UniqueId(uid), "HEADER", 0, MaxHeaderBytes);
                    using var header = new MemoryStream();
                    stream.CopyTo(header);
                    return header.ToArray();
                },
                cancellationToken);
        }
        catch (Exception e) when (e is MessageNotFoundException || (e is ImapCommandException refused && IsOfTheMessage(refused)))
        {
            return default;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _connection.Dispose();
    }

    private string Server => $"{_options.Host}:{_options.EffectivePort}";

    private IMailFolder Folder => _folder ?? throw new InvalidOperationException("The mailbox is not open.");

    private T Run<T>(Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return _connection.Run(call, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Refusal(e) is { IsThrottling: true } refusal)
        {
            throw new MailboxThrottledException($"{Server} throttles {_options.Username}: {refusal.Text}", refusal.BackOff, e);
        }
    }

    // MailKit tells of a BYE with a code only that the connection ended.
    private ServerRefusal? Refusal(Exception error) =>
        error is ImapCommandException or ImapProtocolException or AuthenticationException ? ServerRefusal.Read(_words.LastLine) : null;

    private bool IsOfTheMessage(ImapCommandException error) =>
        error.Response == ImapCommandResponse.No && Refusal(error) is not { IsPassing: true };

    private FolderState OpenFolder(Stream stream)
    {
        _client.Connect(stream, _options.Host, _options.EffectivePort, SocketOptions(_options.Security));
        _client.Authenticate(_options.Username, _options.Password);
        _gmail = _client.Capabilities.HasFlag(ImapCapabilities.GMailExt1);
        _folder = _options.EffectiveFolder == "INBOX" ? _client.Inbox! : _client.GetFolder(_options.EffectiveFolder);
        _folder.Open(FolderAccess.ReadOnly);
        return new FolderState(_folder.UidValidity, _folder.UidNext?.Id);
    }

    // NO to a range says nothing of the others in it: one by one, those that the server cannot speak of are missing from the answer.
    private IEnumerable<IMessageSummary> FetchSummaries(IReadOnlyList<uint> uids, MessageSummaryItems items)
    {
        try
        {
            return Folder.Fetch(Set(uids), items);
        }
        catch (ImapCommandException e) when (IsOfTheMessage(e))
        {
            return uids.Count == 1 ? [] : [.. uids.SelectMany(uid => FetchSummaries([uid], items))];
        }
    }

    private uint[] Search(SearchQuery query, CancellationToken cancellationToken) =>
        [.. Run(() => Folder.Search(query), cancellationToken).Select(found => found.Id).Distinct().Order()];

    private static UniqueIdSet Set(IReadOnlyList<uint> uids) => new(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending);

    private static SecureSocketOptions SocketOptions(MailboxSecurity security) => security switch
    {
        MailboxSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailboxSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    // MailKit explains a failed handshake in several lines; the first line of the reason is the one that helps.
    private static string FirstLine(SslHandshakeException e) =>
        (e.InnerException?.Message ?? e.Message).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[0];
}
