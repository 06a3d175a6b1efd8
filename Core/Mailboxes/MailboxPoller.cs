using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly;

namespace EmailIngestion.Mailboxes;

/// <summary>Runs one poll of one mailbox: appends the emails above the cursor to the stream, in order, and moves the cursor.</summary>
internal sealed class MailboxPoller(
    MailboxOptions options,
    MailboxMemory memory,
    PollBudget budget,
    string holder,
    PollingOptions polling,
    EmailStream stream,
    StreamPressure pressure,
    Func<MailboxOptions, IMailbox> connect,
    ResiliencePipeline redis,
    IngestionMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private readonly MailboxLock _lock = new(options.Name, holder, stream);
    private readonly MailboxAligner _aligner = new(options, memory, polling.RenumberingWindow, stream, time, logger);

    private MailboxCursor? _cursor;
    private MailboxAppender? _appender;
    private MailboxTransfer? _transfer;
    private BudgetShare? _bytes;

    public string Mailbox => options.Name;

    /// <summary>The counts of this poll so far, also after it was cut short.</summary>
    public PollResult Progress => _appender?.Progress ?? new PollResult(PollEnd.Complete);

    /// <summary>Whether the poll waits, or waited at its end, for bytes of other mailboxes. Such a poll does not count as slow.</summary>
    public bool IsWaitingForBytes => _bytes?.IsWaiting == true;

    /// <summary>The UID that was being fetched when reading failed; null otherwise.</summary>
    public uint? FailedAt => _transfer?.FailedAt;

    /// <summary>Runs the poll.</summary>
    /// <exception cref="MailboxException">The mailbox cannot be read.</exception>
    public async Task<PollResult> PollAsync(CancellationToken cancellationToken)
    {
        if (await pressure.IsHighAsync(stream, TimeSpan.Zero, cancellationToken))
            return new PollResult(PollEnd.BackPressure);
        if (!await _lock.AcquireAsync(cancellationToken))
            return new PollResult(PollEnd.Elsewhere);
        try
        {
            using var mailbox = connect(options);
            // Reads the cursor before the folder. A cursor that another poll moves after this poll has read UIDNEXT looks like a
            // renumbering.
            var known = await stream.Mailboxes.ReadCursorAsync(Mailbox, cancellationToken);
            var progress = known is null ? null : await stream.ProgressAsync(cancellationToken);
            var state = await MailboxThread.RunAsync(() => mailbox.Open(cancellationToken), cancellationToken);
            var search = new FolderSearch(Mailbox, mailbox, state, memory, logger);
            _cursor = await _aligner.AlignAsync(search, state, known, cancellationToken);
            if (_cursor is null)
                return new PollResult(PollEnd.Elsewhere);
            if (progress is not null && _cursor.Epoch == known!.Epoch)
                memory.Note(_cursor, known.Last, progress);
            _appender = new MailboxAppender(Mailbox, _cursor, polling.RenumberingWindow, stream, pressure, redis, metrics);
            var end = await ReadAsync(mailbox, search, _cursor, _appender, cancellationToken);
            if (end == PollEnd.Complete)
                memory.End(_appender.Last, time.GetUtcNow());
            return Progress with { End = end };
        }
        finally
        {
            if (_appender is not null)
                memory.End(_appender.Last, null);
            await _lock.ReleaseAsync();
        }
    }

    /// <summary>
    /// Counts this poll as one that stopped at <see cref="FailedAt"/>, so that an email that breaks every poll becomes a dead letter in the
    /// end.
    /// </summary>
    public async Task CountFailureAsync()
    {
        if (FailedAt is { } uid)
            await stream.Mailboxes.CountStopAsync(Mailbox, _cursor!, uid, CancellationToken.None);
    }

    private async Task<PollEnd> ReadAsync(
        IMailbox mailbox, FolderSearch search, MailboxCursor cursor, MailboxAppender appender, CancellationToken cancellationToken)
    {
        using var bytes = budget.Open();
        _bytes = bytes;
        var fetcher = new MailboxFetcher(mailbox, Mailbox, polling, cursor, bytes, logger);
        var items = new MailboxItems(options, cursor, time.GetUtcNow());
        var transfer = _transfer = new MailboxTransfer(cursor, _lock, memory, stream, time);
        while (true)
        {
            var uids = await MailboxThread.RunAsync(() => search.After(appender.Last, cancellationToken), cancellationToken);
            var (end, stuck) = await transfer.RunAsync(fetcher, items, appender, uids, cancellationToken);
            if (end == PollEnd.Stuck && appender.Refused is { } refused)
            {
                end = await CountRefusalAsync(cursor, appender, refused.Item, refused.Why, cancellationToken);
                if (end != PollEnd.Complete)
                    return end;
                continue;
            }

            if (end != PollEnd.Complete || stuck is not { } uid)
                return end;
            var stops = await stream.Mailboxes.CountStopAsync(Mailbox, cursor, uid, cancellationToken);
            if (stops < polling.FetchAttempts)
            {
                Log.Stuck(logger, Mailbox, uid);
                return PollEnd.Stuck;
            }

            // Requests the headers in one poll only: the server may close the connection on them too.
            transfer.FailedAt = uid;
            var deadLetter = await MailboxThread.RunAsync(
                () => fetcher.FetchFailed(uid, withHeader: stops <= polling.FetchAttempts + 1, cancellationToken), cancellationToken);
            transfer.FailedAt = null;
            end = await appender.AppendAsync([items.Of(deadLetter)], cancellationToken);
            if (end != PollEnd.Complete)
                return end;
            Log.FetchFailed(logger, Mailbox, uid, polling.FetchAttempts);
        }
    }

    // An email that Redis refuses while it accepts others becomes a dead letter after the same number of polls as one that the server does
    // not return.
    private async Task<PollEnd> CountRefusalAsync(
        MailboxCursor cursor, MailboxAppender appender, AppendItem item, string why, CancellationToken cancellationToken)
    {
        var uid = item.Message.Uid;
        var stops = await stream.Mailboxes.CountStopAsync(Mailbox, cursor, uid, cancellationToken);
        Streams.Log.EntryRefused(logger, Mailbox, uid, stops, polling.FetchAttempts, why);
        if (stops < polling.FetchAttempts)
            return PollEnd.Stuck;
        return await appender.AppendAsync([OversizeItem.Of(item, $"Redis refused it in {stops} polls: {why}")], cancellationToken);
    }
}
