using System.Security.Cryptography;
using EmailIngestion.Mailboxes.FollowUps;
using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Copies emails to another folder, for a server without MOVE (RFC 6851). What is copied and where the target ends is kept in Redis before
/// the copy, so that a copy whose confirmation was lost is recognised and not made again. COPY copies all or nothing (RFC 3501, 6.4.7).
/// Blocks.
/// </summary>
internal sealed class ImapCopies(ImapSession session, ImapSearch search)
{
    private const int MaxHeaderBytes = 256 * 1024;

    // The emails behind the mark that are compared. Others may arrive in the target meanwhile.
    private const int MostCompared = 10_000;

    /// <summary>Copies those emails that the folder still has, except the ones that an earlier attempt has copied.</summary>
    public void Copy(IReadOnlyList<uint> uids, IMailFolder target, CopyJournal journal, CancellationToken cancellationToken)
    {
        var present = Uncopied(search.Existing(uids, cancellationToken), cancellationToken);
        if (present.Count == 0)
            return;
        session.Run(ResponseLimits.Command, () => target.Status(StatusItems.UidNext | StatusItems.UidValidity), cancellationToken);
        var mark = new CopyMark(session.Folder.UidValidity, target.UidValidity, target.UidNext?.Id ?? 1, [], present, target.FullName);
        if (journal.Read(target.FullName) is { } before && before.IsOfFolders(mark))
        {
            var copied = Copied(present, target, before, cancellationToken);
            mark = mark with { Copied = copied, Tried = [.. present.Except(copied)] };
        }

        if (mark.Tried.Count > 0)
        {
            journal.Write(mark);
            new ImapPlaces(session).Run(
                mark.Tried, set => session.Folder.CopyTo(set, target), places => session.Folder.CopyTo(places, target), cancellationToken);
        }

        // Also what the search has found: somebody may empty the target before the next attempt.
        journal.Write(mark with { Copied = present, Tried = [] });
    }

    // Without UIDPLUS emails stay with the flag \Deleted after their copy. Those that have it are not copied, also if Redis has lost that.
    private IReadOnlyList<uint> Uncopied(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        const MessageSummaryItems Items = MessageSummaryItems.UniqueId | MessageSummaryItems.Flags;
        if (uids.Count == 0 || session.Capabilities.HasFlag(ImapCapabilities.UidPlus))
            return uids;
        var found = session.Run(
            ResponseLimits.Envelopes(uids.Count), () => session.Folder.Fetch(ImapSession.Set(uids), Items), cancellationToken);
        var deleted = found.Where(email => email.Flags?.HasFlag(MessageFlags.Deleted) == true).Select(email => email.UniqueId.Id)
            .ToHashSet();
        return [.. uids.Where(uid => !deleted.Contains(uid))];
    }

    private uint[] Copied(IReadOnlyList<uint> uids, IMailFolder target, CopyMark mark, CancellationToken cancellationToken)
    {
        uint[] tried = [.. uids.Intersect(mark.Tried)];
        var isDone = tried.Length > 0 && AreCopied(tried, target, mark.UidNext, cancellationToken);
        return [.. uids.Intersect(mark.Copied), .. isDone ? tried : []];
    }

    private bool AreCopied(uint[] uids, IMailFolder target, uint from, CancellationToken cancellationToken)
    {
        var originals = Read(session.Folder, ImapSession.Set(uids), uids.Length, null, cancellationToken);
        List<Content> copies;
        try
        {
            session.Run(ResponseLimits.Command, () => target.Open(FolderAccess.ReadOnly), cancellationToken);
            var range = new UniqueIdRange(new UniqueId(from), UniqueId.MaxValue);
            copies = Read(target, range, MostCompared, originals.ToLookup(content => (content.Size, content.Received)), cancellationToken);
        }
        finally
        {
            session.OpenForWriting(cancellationToken);
        }

        // Two equal emails are two.
        return originals.All(copies.Remove);
    }

    // Reads the headers of those emails that may be one of the originals.
    private List<Content> Read(
        IMailFolder folder,
        IList<UniqueId> uids,
        int most,
        ILookup<(uint?, DateTimeOffset?), Content>? originals,
        CancellationToken cancellationToken)
    {
        const MessageSummaryItems Items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size | MessageSummaryItems.InternalDate;
        var found = session.Run(ResponseLimits.Envelopes(most), () => folder.Fetch(uids, Items), cancellationToken);
        var contents = new List<Content>();
        foreach (var summary in found)
        {
            if (originals is null || originals.Contains((summary.Size, summary.InternalDate)))
                contents.Add(new Content(summary.Size, summary.InternalDate, Header(folder, summary.UniqueId, cancellationToken)));
        }

        return contents;
    }

    private string Header(IMailFolder folder, UniqueId uid, CancellationToken cancellationToken) => session.Run(
        ResponseLimits.OneHeader,
        () =>
        {
            using var stream = folder.GetStream(uid, "HEADER", 0, MaxHeaderBytes);
            return Convert.ToHexString(SHA256.HashData(stream));
        },
        cancellationToken);

    private sealed record Content(uint? Size, DateTimeOffset? Received, string Header);
}
