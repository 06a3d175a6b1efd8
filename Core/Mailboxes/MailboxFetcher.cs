using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Fetches emails in batches, in order and without a gap: it stops before an email that the server lists but does not return. Blocks.
/// </summary>
internal sealed class MailboxFetcher(
    MeteredMailbox mailbox, string name, PollingOptions polling, MailboxCursor cursor, BudgetShare bytes, LargeFetcher large,
    ILogger logger)
{
    private readonly IncompleteEmails _incomplete = new(mailbox, polling);
    private readonly EnvelopeBatches _batches = new(polling, bytes.FairPart, large.StreamedFrom);

    private Func<uint?> _asking = () => null;

    /// <summary>The lowest requested UID that the server has not returned.</summary>
    public uint? Asking => _asking();

    /// <summary>
    /// Fetches emails and passes each batch to <paramref name="fetched"/>, which returns whether to continue. Returns the UID that the
    /// server does not return; null when there is none.
    /// </summary>
    public uint? Fetch(IReadOnlyList<uint> uids, Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        foreach (var window in UidWindows.Of(uids, cursor, polling.FetchBatch))
        {
            // The attempts for this email are used up.
            if (window[0] == cursor.MissingUid && cursor.Stops >= polling.FetchAttempts)
                return window[0];
            _asking = () => window[0];
            var (envelopes, stuck) = FetchEnvelopes(window, cancellationToken);
            foreach (var whole in _batches.Of(envelopes))
            {
                _asking = () => null;
                var allowed = mailbox.Downloads.Take([.. whole.Select(_batches.Fetched)], cancellationToken);
                if (allowed == 0)
                    return null;
                var batch = new FetchedBatch(bytes);
                if (_batches.IsStreamed(whole[0]))
                {
                    if (!TryFetchLarge(whole[0], batch, fetched, out var stuckLarge, cancellationToken))
                        return stuckLarge;
                    continue;
                }

                IReadOnlyList<EmailEnvelope> group = [.. whole.Take(allowed)];
                batch.Reserve(group.Sum(_batches.Fetched), cancellationToken);
                uint? stuckInGroup;
                try
                {
                    stuckInGroup = FetchGroup(group, batch, cancellationToken);
                }
                catch when (batch.Emails.Count > 0 && !cancellationToken.IsCancellationRequested)
                {
                    fetched(batch);
                    throw;
                }

                _asking = () => null;
                mailbox.Downloads.End(cancellationToken);
                if (!fetched(batch) || allowed < whole.Count)
                    return null;
                if (stuckInGroup is not null)
                    return stuckInGroup;
            }

            if (stuck is not null)
                return stuck;
        }

        return null;
    }

    /// <summary>Makes the dead letter of an email that cannot be fetched, with its header if requested and returned.</summary>
    public FetchedEmail FetchFailed(uint uid, bool withHeader, CancellationToken cancellationToken) =>
        _incomplete.FetchFailed(uid, withHeader, uid == cursor.MissingUid ? cursor.ForgottenBy : null, cancellationToken);

    private (IReadOnlyList<EmailEnvelope> Envelopes, uint? Stuck) FetchEnvelopes(
        IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var found = mailbox.FetchEnvelopes(uids, cancellationToken)
            .DistinctBy(envelope => envelope.Uid)
            .ToDictionary(envelope => envelope.Uid);
        var stuck = MissingEmails.Retry(
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

    private uint? FetchGroup(IReadOnlyList<EmailEnvelope> group, FetchedBatch batch, CancellationToken cancellationToken)
    {
        var bodies = new Dictionary<uint, ReadOnlyMemory<byte>>(group.Count);
        var oversize = group
            .Where(envelope => envelope.Size > polling.MaxMessageBytes)
            .ToDictionary(envelope => envelope.Uid, envelope => envelope.Size!.Value);
        var announced = group.ToDictionary(envelope => envelope.Uid, envelope => envelope.Size);
        var shorts = new ShortAnswers();
        void Receive(uint uid, Stream body)
        {
            // Not requested, or received already.
            if (!announced.TryGetValue(uid, out var size) || !IsAbsent(uid))
                return;
            // The body may be longer than announced.
            if (body.Length > polling.MaxMessageBytes)
                oversize[uid] = body.Length;
            else
                Take(uid, batch.Read(body), size);
        }

        void Take(uint uid, ReadOnlyMemory<byte> body, long? size)
        {
            var answer = AnswerRule.Of(body.Span, size);
            if (!shorts.Accepts(uid, body, answer, isLastAttempt: IsLastAttempt(uid)))
                return;
            bodies[uid] = body;
            if (answer != Answer.Whole)
                Log.ShorterThanAnnounced(logger, name, uid, body.Length, size!.Value);
        }

        bool IsAbsent(uint uid) => !bodies.ContainsKey(uid) && !oversize.ContainsKey(uid);
        uint[] wanted = [.. group.Select(envelope => envelope.Uid).Where(IsAbsent)];
        _asking = () => wanted.Where(IsAbsent).Cast<uint?>().FirstOrDefault();
        uint? stuck;
        try
        {
            if (wanted.Length > 0)
                mailbox.FetchBodies(wanted, Receive, cancellationToken);
            stuck = MissingEmails.Retry(
                mailbox,
                [.. wanted.Where(IsAbsent)],
                absent =>
                {
                    shorts.BeginRequest();
                    foreach (var uid in absent)
                        mailbox.FetchBodies([uid], Receive, cancellationToken);
                    return [.. absent.Where(IsAbsent)];
                },
                cancellationToken);
        }
        catch
        {
            // Keeps the emails received before the connection broke. Otherwise a connection that always breaks would make no progress.
            foreach (var envelope in group.TakeWhile(envelope => bodies.ContainsKey(envelope.Uid)))
                batch.Emails.Add(new FetchedEmail(envelope, bodies[envelope.Uid]));
            throw;
        }

        foreach (var envelope in group.TakeWhile(envelope => !(envelope.Uid >= stuck)))
        {
            if (oversize.TryGetValue(envelope.Uid, out var size))
            {
                _asking = () => envelope.Uid;
                batch.Emails.Add(_incomplete.Oversize(envelope with { Size = size }, cancellationToken));
            }
            else if (bodies.TryGetValue(envelope.Uid, out var body))
            {
                batch.Emails.Add(new FetchedEmail(envelope, body));
            }
        }

        return stuck;
    }

    // False: it ends here.
    private bool TryFetchLarge(
        EmailEnvelope envelope, FetchedBatch batch, Func<FetchedBatch, bool> fetched, out uint? stuck, CancellationToken cancellationToken)
    {
        bool TryFetch() => large.TryFetch(envelope, batch, IsLastAttempt(envelope.Uid), cancellationToken);
        batch.Reserve(large.HeldBytes, cancellationToken);
        _asking = () => envelope.Uid;
        stuck = TryFetch()
            ? null
            : MissingEmails.Retry(mailbox, [envelope.Uid], absent => TryFetch() ? [] : absent, cancellationToken);
        var isPassedOn = false;
        if (stuck is null)
        {
            _asking = () => null;
            isPassedOn = large.TryPassOn(envelope, batch, fetched, cancellationToken);
        }

        mailbox.Downloads.End(cancellationToken);
        return isPassedOn;
    }

    private bool IsLastAttempt(uint uid) =>
        polling.FetchAttempts == 1 || (uid == cursor.MissingUid && cursor.Stops >= polling.FetchAttempts - 1);
}
