using EmailIngestion.DevServers;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A mail user on the real Dovecot, as another mail client sees it.</summary>
internal sealed class MailUser
{
    private readonly DovecotProcess _dovecot;

    public MailUser(TestServers servers, string name)
    {
        _dovecot = servers.Dovecot;
        Name = name;
        _dovecot.AddUser(name, TestPartition.Password);
    }

    public string Name { get; }

    /// <summary>Appends mails that arrived just now and returns their UIDs.</summary>
    public Task<IReadOnlyList<uint>> AppendAsync(IEnumerable<byte[]> mails, string folder = "INBOX") =>
        AppendAsync(mails.Select(raw => (raw, TimeProvider.System.GetUtcNow())), folder);

    public Task<IReadOnlyList<uint>> AppendAsync(IEnumerable<(byte[] Raw, DateTimeOffset Received)> mails, string folder = "INBOX") =>
        _dovecot.AppendAsync(Name, TestPartition.Password, folder, mails);

    public Task<uint> RecreateAsync(string folder) => _dovecot.RecreateFolderAsync(Name, TestPartition.Password, folder);

    public Task ExpungeAsync(IEnumerable<uint> uids, string folder = "INBOX") =>
        _dovecot.ExpungeAsync(Name, TestPartition.Password, folder, uids);

    /// <summary>Adds flags and keywords to an email of the inbox.</summary>
    public async Task FlagAsync(uint uid, MessageFlags flags, params string[] keywords)
    {
        using var client = await ConnectAsync();
        await client.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        await client.Inbox.AddFlagsAsync(new UniqueId(uid), flags, new HashSet<string>(keywords, StringComparer.Ordinal), silent: true);
    }

    /// <summary>Reads the emails of the folder without changing them.</summary>
    public async Task<IReadOnlyList<StoredMail>> ReadAsync(string folder = "INBOX")
    {
        using var client = await ConnectAsync();
        var opened = folder == "INBOX" ? client.Inbox! : await client.GetFolderAsync(folder);
        await opened.OpenAsync(FolderAccess.ReadOnly);
        var mails = new List<StoredMail>();
        foreach (var summary in await opened.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Flags))
        {
            await using var stream = await opened.GetStreamAsync(summary.UniqueId);
            using var raw = new MemoryStream();
            await stream.CopyToAsync(raw);
            mails.Add(new StoredMail(summary.UniqueId.Id, summary.Flags ?? MessageFlags.None, raw.ToArray()));
        }

        return mails;
    }

    /// <summary>The UIDs of the inbox's emails that have a flag or a keyword.</summary>
    public async Task<IReadOnlyList<uint>> FindAsync(SearchQuery query)
    {
        using var client = await ConnectAsync();
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        return [.. (await client.Inbox.SearchAsync(query)).Select(uid => uid.Id)];
    }

    private async Task<ImapClient> ConnectAsync()
    {
        var client = new ImapClient { CheckCertificateRevocation = false };
        await client.ConnectAsync("127.0.0.1", _dovecot.Port, SecureSocketOptions.None);
        await client.AuthenticateAsync(Name, TestPartition.Password);
        return client;
    }
}

internal sealed record StoredMail(uint Uid, MessageFlags Flags, byte[] Raw);
