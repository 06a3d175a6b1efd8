using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Requests the data and the bodies of emails at once, while nearly all of them are small: half of the requests, and less work of both
/// sides. Only the beginning of each body is requested, so an answer is bounded before the sizes are known. Blocks.
/// </summary>
internal sealed class SmallFetcher(
    MeteredMailbox mailbox, PolledMailbox polled, PollingOptions polling, MailboxCursor cursor, BudgetShare bytes, ILogger logger)
{
    // The work for larger emails depends on their bytes, not on the requests.
    private const int LargestSmall = 32 * 1024;

    // Requests in a row that broke the connection, returned nothing, or returned bodies of other sizes than announced: Exchange estimates.
    private const int MostFailures = 3;

    // An announced email is mostly alone.
    private const int MostAnnounced = 8;

    // A server has to take several commands at once (RFC 3501, 5.5). Something before it may not.
    private const int MostFailuresTogether = 2;

    private readonly int _maxBytes = (int)Math.Min(LargestSmall, polling.MaxMessageBytes);
    private readonly MailboxMemory _memory = polled.Memory;

    // After a request that broke the connection the rest of the poll, or else the next one, fetches by size, so that an email that breaks
    // it is found.
    private bool _isAfterBreak = polled.Memory.HasBrokenAtOnce;

    // Emails of the window that were requested, and have to be fetched by size.
    private readonly HashSet<uint> _apart = [];
    private bool _areSmall = true;
    private bool _hasAnswered;

    // Emails that were fetched when they were found.
    private SmallEmails? _announced;

    private int Most => (int)Math.Min(polling.FetchBatch, bytes.FairPart / _maxBytes);

    // After a poll that stopped at an email, and within a download limit, each request has a reason to be small.
    private bool IsPossible => _areSmall && !_isAfterBreak && _memory.FailuresAtOnce < MostFailures && cursor.MissingUid is null
        && !mailbox.Downloads.IsLimited && Most > 0 && mailbox.CanFetchAtOnce;

    /// <summary>
    /// Finds the emails above this UID and fetches the first of them by the same request, since the server has announced one. Null: they
    /// have to be found by a SEARCH alone.
    /// </summary>
    public IReadOnlyList<uint>? FindAnnounced(uint last, CancellationToken cancellationToken)
    {
        if (!IsPossible || _memory.FailuresTogether == MostFailuresTogether || last > uint.MaxValue - MostAnnounced)
            return null;
        uint[] next = [.. Enumerable.Range(1, Math.Min(Most, MostAnnounced)).Select(above => last + (uint)above)];
        var emails = Begin(next, cancellationToken, new UidsAbove(last));
        try
        {
            Fetch(emails, cancellationToken);
            _memory.FailuresTogether = 0;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _memory.FailuresTogether++;
            if (!TryReopen(e, cancellationToken))
                throw;
        }

        if (_isAfterBreak || emails.Uids.Count == 0)
            emails.Batch.Recycle();
        else
            _announced = emails;
        return emails.Listing!.Found is { Count: > 0 } found ? found : null;
    }

    /// <summary>Takes the emails that were fetched when they were found; null: there are none.</summary>
    public SmallEmails? TakeAnnounced()
    {
        var announced = _announced;
        _announced = null;
        return announced;
    }

    /// <summary>
    /// How many of these emails to fetch next, from the first one on, and whether their data and bodies at once. Otherwise they are fetched
    /// by size.
    /// </summary>
    public (int Count, bool IsAtOnce) Next(uint[] uids)
    {
        if (_announced is { } announced)
            return (announced.Uids.Count, true);
        if (!IsPossible)
            return (uids.Length, false);
        var apart = uids.TakeWhile(_apart.Contains).Count();
        return apart > 0 ? (apart, false) : (uids.Take(Most).TakeWhile(uid => !_apart.Contains(uid)).Count(), true);
    }

    /// <summary>Begins a request, and waits for the memory of its answer.</summary>
    public SmallEmails Begin(IReadOnlyList<uint> uids, CancellationToken cancellationToken, UidsAbove? listing = null)
    {
        var batch = new FetchedBatch(bytes);
        batch.Reserve((long)uids.Count * _maxBytes, cancellationToken);
        return new SmallEmails(uids, _maxBytes, batch, listing);
    }

    /// <summary>Fetches the emails, as far as the server returns them.</summary>
    public void Fetch(SmallEmails emails, CancellationToken cancellationToken)
    {
        FetchAnswer answer;
        try
        {
            answer = mailbox.FetchSmall(emails, cancellationToken);
        }
        // At the deadline only a request without which the poll reads nothing: another one may just be the last.
        catch when (!cancellationToken.IsCancellationRequested || !_hasAnswered)
        {
            // The connection may break at this request, whatever the emails are.
            _isAfterBreak = _memory.HasBrokenAtOnce = true;
            Fail();
            throw;
        }

        _hasAnswered = true;
        emails.Narrow();
        _memory.HasUnreadableAnswers |= answer == FetchAnswer.Unreadable;
        // A server that knows no requests for a part returns all of a body.
        if (answer is FetchAnswer.Unable or FetchAnswer.TooLong or FetchAnswer.Unreadable)
            Fail(isFinal: true);
        else if (emails.AreMiscounted || (answer == FetchAnswer.Refused && emails.Bodies.Count == 0))
            Fail();
        else if (answer == FetchAnswer.Complete)
            _memory.FailuresAtOnce = 0;
        Note(emails.Bodies.Count, emails.Uids.Count);
    }

    /// <summary>
    /// Opens the folder again after a request that broke the connection. Returns false if another connection is no help: the server refuses
    /// the request, or has just failed to accept one.
    /// </summary>
    public bool TryReopen(Exception error, CancellationToken cancellationToken)
    {
        if (error is ReopenFailedException || !ConnectionCut.Is(error))
            return false;
        Log.ContinuedBySize(logger, polled.Name, BriefError.Of(error));
        mailbox.Reopen(polled.Name, cursor.UidValidity, cancellationToken);
        return true;
    }

    /// <summary>Notes emails that are fetched by size, although others of their window are small.</summary>
    /// <param name="first">The first UID that was requested. Those before it are fetched.</param>
    /// <param name="uids">The UIDs.</param>
    public void SetApart(uint first, IEnumerable<uint> uids)
    {
        _apart.RemoveWhere(uid => uid < first);
        _apart.UnionWith(uids);
    }

    /// <summary>Notes the data of emails that were fetched by size: the next ones may be small.</summary>
    public void Note(IReadOnlyCollection<EmailEnvelope> envelopes)
    {
        (_hasAnswered, _memory.HasBrokenAtOnce) = (true, false);
        var others = envelopes.Where(envelope => !_apart.Contains(envelope.Uid)).ToArray();
        Note(others.Count(envelope => envelope.Size < _maxBytes), others.Length);
    }

    // A body that is not small is requested twice.
    private void Note(int small, int all) => _areSmall = 8 * small >= 7 * all;

    private void Fail(bool isFinal = false)
    {
        _memory.FailuresAtOnce = isFinal ? MostFailures : _memory.FailuresAtOnce + 1;
        if (_memory.FailuresAtOnce == MostFailures)
            Log.NotAtOnce(logger, polled.Name);
    }
}
