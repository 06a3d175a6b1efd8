using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Fetches emails in batches, in order and without a gap: it stops before an email that the server lists but does not return. Blocks.
/// </summary>
internal sealed class MailboxFetcher
{
    private readonly MeteredMailbox _mailbox;
    private readonly PollingOptions _polling;
    private readonly MailboxCursor _cursor;
    private readonly BudgetShare _bytes;
    private readonly LargeFetcher _large;
    private readonly IncompleteEmails _incomplete;
    private readonly EnvelopeBatches _batches;
    private readonly GroupFetcher _groups;
    private readonly SmallFetcher _small;

    private Func<uint?> _asking = () => null;

    public MailboxFetcher(
        MeteredMailbox mailbox, PolledMailbox polled, PollingOptions polling, MailboxCursor cursor, BudgetShare bytes, LargeFetcher large,
        ILogger logger)
    {
        (_mailbox, _polling, _cursor, _bytes, _large) = (mailbox, polling, cursor, bytes, large);
        _incomplete = new IncompleteEmails(mailbox, polling);
        _batches = new EnvelopeBatches(polling, bytes.FairPart, large.StreamedFrom);
        _groups = new GroupFetcher(mailbox, polled, polling, _incomplete, IsLastAttempt, logger);
        _small = new SmallFetcher(mailbox, polled, polling, cursor, bytes, logger);
    }

    /// <summary>
    /// The lowest requested UID that the server has not returned. Null while the folder is not open: if it cannot be opened again, that is
    /// not the email's fault.
    /// </summary>
    public uint? Asking => _mailbox.IsOpen ? _asking() : null;

    /// <inheritdoc cref="SmallFetcher.FindAnnounced"/>
    public IReadOnlyList<uint>? FindAnnounced(uint last, CancellationToken cancellationToken) =>
        _small.FindAnnounced(last, cancellationToken);

    /// <summary>
    /// Fetches emails and passes each batch to <paramref name="fetched"/>, which returns whether to continue. Returns the UID that the
    /// server does not return; null when there is none.
    /// </summary>
    public uint? Fetch(IReadOnlyList<uint> uids, Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        foreach (var window in UidWindows.Of(uids, _cursor, _polling.FetchBatch))
        {
            // The attempts for this email are used up.
            if (window[0] == _cursor.MissingUid && _cursor.Stops >= _polling.FetchAttempts)
                return window[0];
            for (var rest = window; rest.Length > 0;)
            {
                var (count, isAtOnce) = _small.Next(rest);
                var (taken, end) = isAtOnce
                    ? FetchSmall(rest[..count], fetched, cancellationToken)
                    : (count, FetchBySize(rest[..count], fetched, cancellationToken));
                if (end is not null)
                    return end.Value.Stuck;
                rest = rest[taken..];
            }
        }

        return null;
    }

    /// <summary>Makes the dead letter of an email that cannot be fetched, with its header if requested and returned.</summary>
    public FetchedEmail FetchFailed(uint uid, bool withHeader, CancellationToken cancellationToken) =>
        _incomplete.FetchFailed(uid, withHeader, uid == _cursor.MissingUid ? _cursor.ForgottenBy : null, cancellationToken);

    // Returns how many of these emails were fetched, from the first one on. The next one is fetched by size.
    private (int Taken, End? End) FetchSmall(uint[] uids, Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        if (_small.TakeAnnounced() is { } announced)
            return PassOnLeading(announced, fetched, cancellationToken);
        var emails = _small.Begin(uids, cancellationToken);
        _asking = () => null;
        try
        {
            _small.Fetch(emails, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            emails.Batch.Emails.AddRange(emails.Whole());
            var taken = emails.Batch.Emails.Count;
            if (!fetched(emails.Batch))
                return (taken, new End());
            if (!_small.TryReopen(e, cancellationToken))
                throw;
            return (taken, null);
        }

        return PassOnLeading(emails, fetched, cancellationToken);
    }

    private (int Taken, End? End) PassOnLeading(
        SmallEmails emails, Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        var leading = emails.Leading(emails.Batch.Reserved, MayFollow);
        _small.SetApart(emails.Uids[0], emails.Apart(leading.Count, MayFollow));
        if (leading.Count > 0)
            return (leading.Count, PassOn(leading, emails.Batch, emails.Bodies, fetched, cancellationToken));
        emails.Batch.Recycle();
        return (0, null);
    }

    private bool MayFollow(EmailEnvelope envelope) => !_batches.IsStreamed(envelope) && _batches.Fetched(envelope) > 0;

    private End? FetchBySize(uint[] uids, Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        _asking = () => uids[0];
        var (envelopes, stuck) = MissingEmails.FetchEnvelopes(_mailbox, uids, cancellationToken);
        _small.Note(envelopes);
        foreach (var whole in _batches.Of(envelopes))
        {
            _asking = () => null;
            var allowed = _mailbox.Downloads.Take([.. whole.Select(_batches.Fetched)], cancellationToken);
            if (allowed == 0)
                return new End();
            var batch = new FetchedBatch(_bytes);
            if (_batches.IsStreamed(whole[0]))
            {
                if (!TryFetchLarge(whole[0], batch, fetched, out var stuckLarge, cancellationToken))
                    return new End(stuckLarge);
                continue;
            }

            IReadOnlyList<EmailEnvelope> group = [.. whole.Take(allowed)];
            batch.Reserve(group.Sum(_batches.Fetched), cancellationToken);
            if (PassOn(group, batch, [], fetched, cancellationToken) is { } end)
                return end;
            if (allowed < whole.Count)
                return new End();
        }

        return stuck is null ? null : new End(stuck);
    }

    // Fetches the bodies that are not there yet, and passes the batch on.
    private End? PassOn(
        IReadOnlyList<EmailEnvelope> group, FetchedBatch batch, Dictionary<uint, ReadOnlyMemory<byte>> bodies,
        Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        uint? stuck;
        _asking = () => _groups.Asking;
        try
        {
            stuck = _groups.Fetch(group, batch, bodies, cancellationToken);
        }
        catch when (batch.Emails.Count > 0 && !cancellationToken.IsCancellationRequested)
        {
            fetched(batch);
            throw;
        }

        _asking = () => null;
        _mailbox.Downloads.End(cancellationToken);
        batch.Trim();
        return !fetched(batch) ? new End() : stuck is null ? null : new End(stuck);
    }

    // False: it ends here.
    private bool TryFetchLarge(
        EmailEnvelope envelope, FetchedBatch batch, Func<FetchedBatch, bool> fetched, out uint? stuck, CancellationToken cancellationToken)
    {
        bool TryFetch() => _large.TryFetch(envelope, batch, IsLastAttempt(envelope.Uid), cancellationToken);
        batch.Reserve(_large.HeldBytes, cancellationToken);
        _asking = () => envelope.Uid;
        stuck = TryFetch()
            ? null
            : MissingEmails.Retry(_mailbox, [envelope.Uid], absent => TryFetch() ? [] : absent, cancellationToken);
        var isPassedOn = false;
        if (stuck is null)
        {
            _asking = () => null;
            isPassedOn = _large.TryPassOn(envelope, batch, fetched, cancellationToken);
        }

        _mailbox.Downloads.End(cancellationToken);
        return isPassedOn;
    }

    private bool IsLastAttempt(uint uid) => _cursor.IsLastAttempt(uid, _polling.FetchAttempts);

    // The end of the fetch: the caller does not continue, or the server does not return an email.
    private readonly record struct End(uint? Stuck = null);
}
