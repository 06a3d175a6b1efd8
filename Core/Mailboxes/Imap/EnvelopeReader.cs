using EmailIngestion.Messages;
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

    // Set after an answer was unreadable because of flags or labels.
    private bool _withoutTags;
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

    private EmailEnvelope EnvelopeOf(IMessageSummary summary)
    {
        var isGmail = session().IsGmail;
        return new EmailEnvelope(
            summary.UniqueId.Id, summary.Size, InternalDate.Plausible(summary.InternalDate), isGmail ? summary.GMailMessageId : null)
        {
            Flags = FlagNames.Of(summary.Flags, summary.Keywords),
            Labels = isGmail ? TagList.Of(summary.GMailLabels ?? []) : null,
            GmailThreadId = isGmail ? summary.GMailThreadId : null,
        };
    }

    // The exceptions that MailKit throws for a size of -1, a UID of 0, or a word in place of a number. Only the text distinguishes a syntax
    // error from a closed connection.
    private static bool IsUnreadable(Exception error) => error is ArgumentException or FormatException or OverflowException
        || (error is ImapProtocolException && error.Message.StartsWith("Syntax error", StringComparison.Ordinal));

    // Labels have any text. As a literal it may look like tokens, which is refused.
    private bool IsOfLabels(Exception error) => error is ServerLimitException && !_withoutTags && session().IsGmail;

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
        catch (Exception e) when ((IsUnreadable(e) || IsOfLabels(e)) && _reopened++ < MostReopened)
        {
            reopen(cancellationToken);
            if (uids.Count == 1)
                return FetchWithoutTags(uids, cancellationToken);
            var half = uids.Count / 2;
            return [.. FetchReadable([.. uids.Take(half)], cancellationToken), .. FetchReadable([.. uids.Skip(half)], cancellationToken)];
        }
    }

    // Flags and labels are additional: an email is not lost for them. If they are the cause, the emails after it are read without them.
    private IReadOnlyList<IMessageSummary> FetchWithoutTags(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        if (_withoutTags)
            return [];
        _withoutTags = true;
        var found = FetchReadable(uids, cancellationToken);
        _withoutTags = found.Count > 0;
        return found;
    }

    // A NO to a range may concern one email only. Requests one by one find the emails that the server refuses.
    private IReadOnlyList<IMessageSummary> Fetch(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var (withTags, withLabels) = (!_withoutTags, !_withoutTags && session().IsGmail);
        var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size;
        if (withTags)
            items |= MessageSummaryItems.Flags;
        if (withLabels)
            items |= MessageSummaryItems.GMailLabels;
        if (!_withoutDates)
            items |= MessageSummaryItems.InternalDate;
        if (session().IsGmail)
            items |= MessageSummaryItems.GMailMessageId | MessageSummaryItems.GMailThreadId;
        try
        {
            var limits = ResponseLimits.Envelopes(uids.Count, withLabels);
            return [.. session().Run(limits, () => session().Folder.Fetch(ImapSession.Set(uids), items), cancellationToken)];
        }
        catch (ImapCommandException e) when (session().IsOfTheMessage(e))
        {
            return uids.Count == 1 ? [] : [.. uids.SelectMany(uid => Fetch([uid], cancellationToken))];
        }
    }
}
