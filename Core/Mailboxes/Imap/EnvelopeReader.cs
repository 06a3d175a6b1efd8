using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Asks what the server says of emails. What it does not say of one of them, or says in a way that cannot be read, says nothing of the
/// others.
/// </summary>
/// <param name="session">The connection of now.</param>
/// <param name="reopen">Connects and opens the folder once more.</param>
internal sealed class EnvelopeReader(Func<ImapSession> session, Action<CancellationToken> reopen)
{
    // New connections on account of answers that cannot be read, a poll. One such email among a thousand takes ten.
    private const int MostReopened = 64;

    // Once MailKit could not make a date of what the server gives.
    private bool _withoutDates;
    private int _reopened;

    /// <summary>The envelopes of these emails; those that the server leaves out, refuses or garbles are missing.</summary>
    public EmailEnvelope[] Read(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var asked = uids.ToHashSet();
        return
        [
            .. FetchReadable(uids, cancellationToken)
                .Where(summary => summary.UniqueId.IsValid && asked.Remove(summary.UniqueId.Id))
                .Select(EnvelopeOf),
        ];
    }

    private EmailEnvelope EnvelopeOf(IMessageSummary summary) =>
        new(summary.UniqueId.Id, summary.Size, Believable(summary.InternalDate), session().IsGmail ? summary.GMailMessageId : null);

    // Servers without a date say 00-Jan-0000 or the beginning of their time.
    private static DateTimeOffset? Believable(DateTimeOffset? date) =>
        date is { UtcDateTime.Year: > 1970 } told ? told.ToUniversalTime() : null;

    // What MailKit throws at a size of -1, a UID of 0, or a word where a number belongs. Only its words tell a syntax error from a server that
    // hangs up.
    private static bool IsUnreadable(Exception error) => error is ArgumentException or FormatException or OverflowException
        || (error is ImapProtocolException && error.Message.StartsWith("Syntax error", StringComparison.Ordinal));

    // An answer that cannot be read closes the connection. Whose it is, is found by halves.
    private IReadOnlyList<IMessageSummary> FetchReadable(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        try
        {
            return Fetch(uids, cancellationToken);
        }
        catch (ArgumentOutOfRangeException) when (!_withoutDates)
        {
            // A date that no calendar has: 31-Feb.
            _withoutDates = true;
            reopen(cancellationToken);
            return FetchReadable(uids, cancellationToken);
        }
        catch (Exception e) when (IsUnreadable(e) && _reopened++ < MostReopened)
        {
            reopen(cancellationToken);
            if (uids.Count == 1)
                return [];
            var half = uids.Count / 2;
            return [.. FetchReadable([.. uids.Take(half)], cancellationToken), .. FetchReadable([.. uids.Skip(half)], cancellationToken)];
        }
    }

    // NO to a range says nothing of the others in it: one by one, those that the server cannot speak of are missing from the answer.
    private IReadOnlyList<IMessageSummary> Fetch(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size;
        if (!_withoutDates)
            items |= MessageSummaryItems.InternalDate;
        if (session().IsGmail)
            items |= MessageSummaryItems.GMailMessageId;
        try
        {
            var set = new UniqueIdSet(uids.Select(uid => new UniqueId(uid)), MailKit.Search.SortOrder.Ascending);
            return [.. session().Run(ResponseLimits.Envelopes(uids.Count), () => session().Folder.Fetch(set, items), cancellationToken)];
        }
        catch (ImapCommandException e) when (session().IsOfTheMessage(e))
        {
            return uids.Count == 1 ? [] : [.. uids.SelectMany(uid => Fetch([uid], cancellationToken))];
        }
    }
}
