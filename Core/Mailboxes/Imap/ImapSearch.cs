using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Finds UIDs in the open folder of a connection, by SEARCH or by FETCH. Blocks.</summary>
internal sealed class ImapSearch(ImapSession session)
{
    // The emails that may arrive after the server has reported the number of emails.
    private const uint MaxNewEmails = 10_000;

    /// <inheritdoc cref="IMailbox.SearchAfter"/>
    public IReadOnlyList<uint> After(uint uid, CancellationToken cancellationToken)
    {
        if (uid == uint.MaxValue)
            return [];
        var listed = UidSearch.After(uid, Exists, Folder.UidNext?.Id, Search)
            ?? throw new MailboxException(
                $"{session.Server} lists more than {UidSearch.MostInAll} emails to read. Set Mailboxes:n:StartFrom to a later date.");
        // n:* always includes the last email, even if its UID is below n.
        return [.. listed.Where(found => found > uid)];

        uint[] Search(uint from, uint to) =>
            this.Search(SearchQuery.Uids(new UniqueIdRange(new UniqueId(from), new UniqueId(to))), cancellationToken);
    }

    /// <inheritdoc cref="IMailbox.SearchReceived"/>
    public IReadOnlyList<uint> Received(DateOnly from, DateOnly? before, CancellationToken cancellationToken)
    {
        SearchQuery query = SearchQuery.DeliveredAfter(from.ToDateTime(TimeOnly.MinValue));
        if (before is { } end)
            query = query.And(SearchQuery.DeliveredBefore(end.ToDateTime(TimeOnly.MinValue)));
        return Search(query, cancellationToken);
    }

    /// <inheritdoc cref="IMailbox.ListFrom"/>
    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken)
    {
        try
        {
            return List(new UniqueIdRange(new UniqueId(uid), UniqueId.MaxValue), cancellationToken);
        }
        catch (ImapCommandException e) when (e.Response == ImapCommandResponse.Bad || session.IsOfTheMessage(e))
        {
            // A server that refuses this range lists nothing for it.
            return [];
        }
    }

    /// <inheritdoc cref="IMailbox.SearchExisting"/>
    public IReadOnlyList<uint> Existing(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var set = ImapSession.Set(uids);
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

    // MailKit reports a count above two billion as a negative number.
    private uint Exists => (uint)Folder.Count;

    private long Most => Math.Min((long)Exists + MaxNewEmails, ResponseLimits.MostListed);

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
                // Some servers offer ESEARCH but accept only the SEARCH of RFC 3501.
                session.DisableExtendedSearch();
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
