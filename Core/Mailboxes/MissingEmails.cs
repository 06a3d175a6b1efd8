namespace EmailIngestion.Mailboxes;

/// <summary>Emails that the server listed and did not return.</summary>
internal static class MissingEmails
{
    /// <summary>
    /// Fetches the data of these emails, up to the first one that the server does not return. Returns the UID of that one too; null when
    /// there is none.
    /// </summary>
    public static (IReadOnlyList<EmailEnvelope> Envelopes, uint? Stuck) FetchEnvelopes(
        IMailbox mailbox, IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var found = mailbox.FetchEnvelopes(uids, cancellationToken)
            .DistinctBy(envelope => envelope.Uid)
            .ToDictionary(envelope => envelope.Uid);
        var stuck = Retry(
            mailbox,
            [.. uids.Where(uid => !found.ContainsKey(uid))],
            absent =>
            {
                foreach (var envelope in mailbox.FetchEnvelopes(absent, cancellationToken))
                    found[envelope.Uid] = envelope;
                return [.. absent.Where(uid => !found.ContainsKey(uid))];
            },
            cancellationToken);
        return ([.. uids.Where(uid => found.ContainsKey(uid) && !(uid >= stuck)).Select(uid => found[uid])], stuck);
    }

    /// <summary>Requests them once more. An email that the server no longer lists was expunged and is skipped.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="absent">The missing UIDs.</param>
    /// <param name="fetch">Fetches UIDs, and returns those that are still missing.</param>
    /// <param name="cancellationToken">Ends the poll.</param>
    /// <returns>The lowest UID that is listed and was not returned again; null when there is none.</returns>
    public static uint? Retry(IMailbox mailbox, uint[] absent, Func<uint[], uint[]> fetch, CancellationToken cancellationToken)
    {
        uint[] listed = absent.Length == 0 ? [] : [.. mailbox.SearchExisting(absent, cancellationToken)];
        if (listed.Length == 0)
            return null;
        var still = fetch(listed);
        return still.Length == 0 ? null : still.Min();
    }
}
