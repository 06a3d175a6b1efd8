using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
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
    private IMailFolder? _folder;
    private bool _gmail;

    public ImapMailbox(MailboxOptions options, TimeSpan serverTimeout)
    {
        _options = options;
        _client = new ImapClient
        {
            Timeout = (int)serverTimeout.TotalMilliseconds,
            // Many networks let revocation lists through to nobody; chain, dates and name are checked.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = options.CertificateAuthority is { Length: > 0 } ? TrustAuthority : null,
        };
    }

    public FolderState Open(CancellationToken cancellationToken)
    {
        try
        {
            _client.Connect(_options.Host, _options.EffectivePort, SocketOptions(_options.Security), cancellationToken);
            _client.Authenticate(_options.Username, _options.Password, cancellationToken);
            _gmail = _client.Capabilities.HasFlag(ImapCapabilities.GMailExt1);
            _folder = _options.EffectiveFolder == "INBOX" ? _client.Inbox! : _client.GetFolder(_options.EffectiveFolder, cancellationToken);
            _folder.Open(FolderAccess.ReadOnly, cancellationToken);
            return new FolderState(_folder.UidValidity, _folder.UidNext?.Id);
        }
        catch (AuthenticationException e)
        {
            throw new MailboxException($"{Server} refuses the login of {_options.Username}: {e.Message}", e);
        }
        catch (SslHandshakeException e)
        {
            throw new MailboxException($"The certificate of {Server} is not accepted: {Certificate(e)}", e);
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
        return
        [
            .. Folder.Search(SearchQuery.Uids(new UniqueIdRange(new UniqueId(uid + 1), UniqueId.MaxValue)), cancellationToken)
                .Select(found => found.Id)
                .Where(found => found > uid)
                .Distinct()
                .Order(),
        ];
    }

    public IReadOnlyList<uint> SearchSince(DateOnly day, CancellationToken cancellationToken) =>
    [
        .. Folder.Search(SearchQuery.DeliveredAfter(day.ToDateTime(TimeOnly.MinValue)), cancellationToken)
            .Select(found => found.Id)
            .Order(),
    ];

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        [.. Folder.Search(SearchQuery.Uids(Set(uids)), cancellationToken).Select(found => found.Id).Intersect(uids).Order()];

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size | MessageSummaryItems.InternalDate;
        if (_gmail)
            items |= MessageSummaryItems.GMailMessageId;
        return
        [
            .. Folder.Fetch(Set(uids), items, cancellationToken)
                .Where(summary => summary.UniqueId.IsValid && summary.Size.HasValue)
                .Select(summary => new EmailEnvelope(
                    summary.UniqueId.Id,
                    summary.Size!.Value,
                    summary.InternalDate?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch,
                    _gmail ? summary.GMailMessageId : null)),
        ];
    }

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken) =>
        ((ImapFolder)Folder).GetStreams([.. Set(uids)], (_, _, uid, stream) => received(uid.Id, stream), cancellationToken);

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = Folder.GetStream(new UniqueId(uid), "HEADER", 0, MaxHeaderBytes, cancellationToken);
            using var header = new MemoryStream();
            stream.CopyTo(header);
            return header.ToArray();
        }
        catch (MessageNotFoundException)
        {
            return default;
        }
    }

    public void Dispose() => _client.Dispose();

    private string Server => $"{_options.Host}:{_options.EffectivePort}";

    private IMailFolder Folder => _folder ?? throw new InvalidOperationException("The mailbox is not open.");

    private static UniqueIdSet Set(IReadOnlyList<uint> uids) => new(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending);

    private static SecureSocketOptions SocketOptions(MailboxSecurity security) => security switch
    {
        MailboxSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailboxSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    // MailKit explains a refused certificate in several lines; the first line of the reason is the one that helps.
    private static string Certificate(SslHandshakeException e) =>
        (e.InnerException?.Message ?? e.Message).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[0];

    private bool TrustAuthority(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return false;
        using var custom = new X509Chain();
        custom.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        custom.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        custom.ChainPolicy.CustomTrustStore.ImportFromPemFile(_options.CertificateAuthority!);
        if (chain is not null)
            custom.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return custom.Build(leaf);
    }
}
