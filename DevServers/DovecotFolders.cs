using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace EmailIngestion.DevServers;

/// <summary>Changes mailboxes over IMAP, for the demo and the tests.</summary>
internal static class DovecotFolders
{
    // Messages per MULTIAPPEND. Small, to bound the memory of a large load.
    private const int Batch = 500;

    public static async Task<IReadOnlyList<uint>> AppendAsync(
        int port, string user, string password, string folder,
        IEnumerable<(byte[] Raw, DateTimeOffset InternalDate)> messages, CancellationToken ct)
    {
        using var imap = new RawImap();
        await imap.ConnectAsync(port, user, password, ct);
        await imap.CreateAsync(folder, ct);
        var uids = new List<uint>();
        foreach (var batch in messages.Chunk(Batch)) uids.AddRange(await imap.AppendAsync(folder, batch, ct));
        return uids;
    }

    /// <returns>The new UIDVALIDITY.</returns>
    public static async Task<uint> RecreateAsync(int port, string user, string password, string folder, CancellationToken ct)
    {
        var before = await UidValidityAsync(port, user, password, folder, ct);
        using var imap = new RawImap();
        await imap.ConnectAsync(port, user, password, ct);
        if (folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase))
        {
            // INBOX cannot be deleted. RENAME moves its mail and leaves an empty INBOX (RFC 9051, 6.3.6).
            await imap.RenameAsync(folder, $"was-inbox-{before}", ct);
            await imap.DeleteAsync($"was-inbox-{before}", ct);
        }
        else
        {
            await imap.DeleteAsync(folder, ct);
            await imap.CreateAsync(folder, ct);
        }

        var after = await UidValidityAsync(port, user, password, folder, ct);
        return after != before
            ? after
            : throw new InvalidOperationException($"{folder} was created again but still has UIDVALIDITY {before}.");
    }

    public static async Task ExpungeAsync(
        int port, string user, string password, string folder, IEnumerable<uint> uids, CancellationToken ct)
    {
        using var client = await ConnectAsync(port, user, password, ct);
        var target = await client.GetFolderAsync(folder, ct);
        await target.OpenAsync(FolderAccess.ReadWrite, ct);
        var ids = uids.Select(uid => new UniqueId(uid)).ToList();
        await target.StoreAsync(ids, new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted) { Silent = true }, ct);
        await target.ExpungeAsync(ids, ct);
        await client.DisconnectAsync(true, ct);
    }

    public static async Task<int> CountAsync(int port, string user, string password, string folder, CancellationToken ct)
    {
        using var client = await ConnectAsync(port, user, password, ct);
        var target = await client.GetFolderAsync(folder, ct);
        await target.StatusAsync(StatusItems.Count, ct);
        await client.DisconnectAsync(true, ct);
        return target.Count;
    }

    private static async Task<ImapClient> ConnectAsync(int port, string user, string password, CancellationToken ct)
    {
        var client = new ImapClient { CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.None, ct);
            await client.AuthenticateAsync(user, password, ct);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static async Task<uint> UidValidityAsync(int port, string user, string password, string folder, CancellationToken ct)
    {
        // A new client each time, because a client caches the state of a folder.
        using var client = await ConnectAsync(port, user, password, ct);
        var target = await client.GetFolderAsync(folder, ct);
        await target.StatusAsync(StatusItems.UidValidity, ct);
        await client.DisconnectAsync(true, ct);
        return target.UidValidity;
    }
}
