using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Fetches the envelopes of emails. A missing or unreadable envelope does not affect the other emails of the request.
/// </summary>
/// <param name="session">Returns the current connection.</param>
/// <param name="reopen">Connects and opens the folder again.</param>
internal sealed class EnvelopeReader(Func<ImapSession> session, Action<CancellationToken> reopen)
{
    // The limit of new connections after unreadable answers, for each poll. Finding one such email among a thousand takes ten.
    private const int MostReopened = 64;

    // Set after MailKit could not parse a date of the server.
    private bool _withoutDates;
    private int _reopened;

    /// <summary>Reads the envelopes of these emails. Envelopes that the server omits, refuses or garbles are missing.</summary>
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
        new(summary.UniqueId.Id, summary.Size, Plausible(summary.InternalDate), session().IsGmail ? summary.GMailMessageId : null);

    // Servers without a date report 00-Jan-0000 or the start of their epoch.
    private static DateTimeOffset? Plausible(DateTimeOffset? date) =>
        date is { UtcDateTime.Year: > 1970 } reported ? reported.ToUniversalTime() : null;

    // The exceptions that MailKit throws for a size of -1, a UID of 0, or a word in place of a number. Only the text distinguishes a syntax
    // error from a closed connection.
    private static bool IsUnreadable(Exception error) => error is ArgumentException or FormatException or OverflowException
        || (error is ImapProtocolException && error.Message.StartsWith("Syntax error", StringComparison.Ordinal));

    // An unreadable answer closes the connection. Requests of halves find the email that causes it.
    private IReadOnlyList<IMessageSummary> FetchReadable(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        try
        {
            return Fetch(uids, cancellationToken);
        }
        catch (ArgumentOutOfRangeException) when (!_withoutDates)
        {
            // An impossible date, such as 31-Feb.
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

    // A NO to a range may concern one email only. Requests one by one find the emails that the server refuses.
    private IReadOnlyList<IMessageSummary> Fetch(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size;
        if (!_withoutDates)
            items |= MessageSummaryItems.InternalDate;
        if (session().IsGmail)
            items |= MessageSummaryItems.GMailMessageId;
        try
        {
            return [.. session().Run(ResponseLimits.Envelopes(uids.Count), () => session().Folder.Fetch(ImapSession.Set(uids), items), cancellationToken)];
        }
        catch (ImapCommandException e) when (session().IsOfTheMessage(e))
        {
            return uids.Count == 1 ? [] : [.. uids.SelectMany(uid => Fetch([uid], cancellationToken))];
        }
    }
}
