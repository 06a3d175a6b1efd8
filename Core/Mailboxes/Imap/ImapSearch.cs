using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Finds UIDs in the folder that is open on a connection, by SEARCH or by FETCH. Blocks.</summary>
internal sealed class ImapSearch(ImapSession session)
{
    // UIDs that a folder may have got since it told how many emails it holds.
    private const uint NewMeanwhile = 10_000;

    /// <inheritdoc cref="IMailbox.SearchAfter"/>
    public IReadOnlyList<uint> After(uint uid, CancellationToken cancellationToken)
    {
        if (uid == uint.MaxValue)
            return [];
        var listed = UidSearch.After(uid, Exists, Folder.UidNext?.Id, Search)
            ?? throw new MailboxException(
                $"{session.Server} lists more than {UidSearch.MostInAll} emails to read. Mailboxes:n:StartFrom may be a later day.");
        // n:* always holds the last email, also when its UID is below n.
        return [.. listed.Where(found => found > uid)];

        uint[] Search(uint from, uint to) =>
            this.Search(SearchQuery.Uids(new UniqueIdRange(new UniqueId(from), new UniqueId(to))), cancellationToken);
    }

    /// <inheritdoc cref="IMailbox.SearchSince"/>
    public IReadOnlyList<uint> Since(DateOnly day, CancellationToken cancellationToken) =>
        Search(SearchQuery.DeliveredAfter(day.ToDateTime(TimeOnly.MinValue)), cancellationToken);

    /// <inheritdoc cref="IMailbox.ListFrom"/>
    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken)
    {
        try
        {
            return List(new UniqueIdRange(new UniqueId(uid), UniqueId.MaxValue), cancellationToken);
        }
        catch (ImapCommandException e) when (e.Response == ImapCommandResponse.Bad || session.IsOfTheMessage(e))
        {
            // A server that does not take this range names nothing by it.
            return [];
        }
    }

    /// <inheritdoc cref="IMailbox.SearchExisting"/>
    public IReadOnlyList<uint> Existing(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var set = new UniqueIdSet(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending);
        uint[] found;
        try
        {
            found = Search(SearchQuery.Uids(set), cancellationToken);
        }
        catch (SearchRefusedException)
        {
            found = List([.. set], cancellationToken);
        }

        return [.. found.Intersect(uids)];
    }

    private IMailFolder Folder => session.Folder;

    // A count beyond two billion is negative for MailKit.
    private uint Exists => (uint)Folder.Count;

    private long Most => Math.Min((long)Exists + NewMeanwhile, ResponseLimits.MostListed);

    private uint[] List(IList<UniqueId> uids, CancellationToken cancellationToken)
    {
        var limits = ResponseLimits.Envelopes((int)Most);
        var listed = session.Run(limits, () => Folder.Fetch(uids, MessageSummaryItems.UniqueId), cancellationToken);
        return Bounded(listed.Where(summary => summary.UniqueId.IsValid).Select(summary => summary.UniqueId.Id));
    }

    private uint[] Search(SearchQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var found = session.Run(ResponseLimits.Search(Most), () => Folder.Search(query), cancellationToken);
                return Bounded(found.Select(uid => uid.Id));
            }
            catch (ImapCommandException e) when (IsRefusal(e) && session.HasExtendedSearch)
            {
                // Servers that offer ESEARCH and take only the SEARCH of RFC 3501.
                session.DropExtendedSearch();
            }
            catch (ImapCommandException e) when (IsRefusal(e))
            {
                throw new SearchRefusedException(session.Server, session.Refusal(e)?.Text ?? e.Message, e);
            }
        }
    }

    private bool IsRefusal(ImapCommandException error) =>
        error.Response == ImapCommandResponse.Bad || session.IsOfTheMessage(error);

    private uint[] Bounded(IEnumerable<uint> found) => UidSearch.Bounded(found, Most)
        ?? throw new ServerLimitException(session.Server, $"a list of more than {Most} UIDs for a folder of {Exists} emails");
}
