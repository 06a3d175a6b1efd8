using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>Runs one poll of one mailbox: appends the emails above the cursor to the stream, in order, and moves the cursor.</summary>
internal sealed class MailboxPoller(
    PolledMailbox mailbox,
    MailboxAppenders appenders,
    Func<MailboxOptions, IMailbox> connect,
    PollBudget budget,
    IOptions<PollingOptions> options,
    TimeProvider time,
    ILogger<PollService> logger) : IAsyncDisposable
{
    private readonly PollingOptions _polling = options.Value;
    private readonly MailboxAligner _aligner = new(mailbox, options.Value.RenumberingWindow, budget.Threads, time, logger);
    private readonly PollDownloads _downloads = new(mailbox.Downloads);
    private readonly PollQuestions _questions = new(mailbox, appenders, time);

    private MailboxCursor? _cursor;
    private MailboxAppender? _appender;
    private MailboxTransfer? _transfer;
    private BudgetShare? _bytes;
    private LargeStore? _store;

    /// <summary>The counts of this poll so far, also after it was cut short.</summary>
    public PollResult Progress => _appender?.Progress ?? new PollResult(PollEnd.Complete);

    /// <summary>Whether the poll waits, or waited at its end, for bytes of other mailboxes. Such a poll does not count as slow.</summary>
    public bool IsWaitingForBytes => _bytes?.IsWaiting == true;

    /// <summary>Why the poll has not ended within its deadline, when that is the store of bodies; null otherwise.</summary>
    public string? SlowStore => _store?.Waits is { } waits && waits.ExplainsDeadline(_polling.Deadline) ? waits.Text : null;

    /// <summary>The UID that was being fetched when reading failed; null otherwise.</summary>
    public uint? FailedAt => _transfer?.FailedAt;

    /// <inheritdoc cref="PollQuestions.Ask"/>
    public void Ask(CancellationToken cancellationToken) => _questions.Ask(cancellationToken);

    /// <inheritdoc cref="PollQuestions.WaitAsync{T}"/>
    public Task<T> WaitAsync<T>(Task<T> needed) => _questions.WaitAsync(needed);

    /// <summary>Runs the poll.</summary>
    /// <exception cref="MailboxException">The mailbox cannot be read.</exception>
    public async Task<PollResult> PollAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _questions.HindranceAsync(cancellationToken) is { } end)
                return new PollResult(end);
            if (!await _downloads.MayBeginAsync(cancellationToken))
                return WithDownloads(new PollResult(PollEnd.DownloadLimit));
            return WithDownloads(await PollFolderAsync(await _questions.Cursor, cancellationToken));
        }
        finally
        {
            _downloads.EndPoll();
            if (_appender is not null)
                mailbox.Memory.End(_appender.Last, null);
        }
    }

    /// <summary>
    /// Counts this poll as one that stopped at <see cref="FailedAt"/>, so that an email that breaks every poll becomes a dead letter in the
    /// end.
    /// </summary>
    public async Task CountFailureAsync()
    {
        if (FailedAt is { } uid)
            await mailbox.State.CountStopAsync(mailbox.Name, _cursor!, uid, CancellationToken.None);
    }

    /// <summary>Releases the mailbox lock.</summary>
    public ValueTask DisposeAsync() => _questions.DisposeAsync();

    // The connection may be the cause of a poll that stops at an email or fails. The next poll connects again.
    private async Task<PollResult> PollFolderAsync(MailboxCursor? known, CancellationToken cancellationToken)
    {
        var memory = mailbox.Memory;
        using var folder = connect(mailbox.Options);
        try
        {
            var state = folder.TryContinue()
                ?? await budget.Threads.RunAsync(() => folder.Open(cancellationToken), cancellationToken);
            mailbox.LastOpened = state.IsContinued ? null : state;
            var search = new FolderSearch(mailbox.Name, folder, state, memory, logger);
            _cursor = await _aligner.AlignAsync(search, state, known, cancellationToken);
            if (_cursor is null)
                return new PollResult(PollEnd.Elsewhere);
            _appender = appenders.Create(mailbox, _cursor);
            var followUps = new FollowUpPass(mailbox, _polling, budget.Threads, time);
            var before = await followUps.RunBeforeAsync(folder, _cursor, cancellationToken);
            var end = await ReadAsync(folder, search, known, _cursor, _appender, cancellationToken);
            if (end == PollEnd.Complete)
            {
                memory.End(_appender.Last, time.GetUtcNow());
                // As the server says it when the folder is opened next, unless something arrives until then.
                mailbox.LastOpened ??= state with { UidNext = _appender.Last + 1, IsContinued = false };
            }
            else if (end == PollEnd.Stuck)
                folder.Discard();
            var after = end == PollEnd.Elsewhere ? null : await followUps.RunAsync(folder, _cursor, TimeSpan.MaxValue, cancellationToken);
            return Progress with
            {
                End = end,
                Error = end == PollEnd.StoreAway ? _appender.Unstored?.Why : null,
                FollowUps = after?.After(before) ?? before,
            };
        }
        catch (Exception e) when (!RedisErrors.IsPassing(e))
        {
            folder.Discard();
            throw;
        }
    }

    private async Task<PollEnd> ReadAsync(
        IMailbox folder, FolderSearch search, MailboxCursor? known, MailboxCursor cursor, MailboxAppender appender,
        CancellationToken cancellationToken)
    {
        using var bytes = budget.Open();
        _bytes = bytes;
        var items = new MailboxItems(mailbox.Options, cursor, time.GetUtcNow());
        _store = appenders.LargeStore(mailbox);
        var metered = new MeteredMailbox(folder, _downloads);
        var large = new LargeFetcher(metered, mailbox, cursor, items, _store, _polling, logger);
        var fetcher = new MailboxFetcher(metered, mailbox, _polling, cursor, bytes, large, logger);
        Task? noting = null;
        var transfer = _transfer = new MailboxTransfer(
            budget.Threads, (last, token) => mailbox.KeepAsync(cursor, last, token), MailboxLock.Life / 4, time);
        while (true)
        {
            var transferring = transfer.RunAsync(
                fetcher, items, appender, () => search.After(appender.Last, fetcher.FindAnnounced, cancellationToken), cancellationToken);
            // The UID was read before, and the server is asked meanwhile.
            noting ??= known?.Epoch == cursor.Epoch
                ? mailbox.NoteProgressAsync(cursor, known.Last, cancellationToken)
                : Task.CompletedTask;
            await Task.WhenAll(transferring, noting);
            var (end, stuck) = await transferring;
            if (end == PollEnd.Stuck && appender.Unstored is { Item: { } refused } unstored)
            {
                end = await CountRefusalAsync(cursor, appender, refused, unstored.Why!, cancellationToken);
                if (end != PollEnd.Complete)
                    return end;
                continue;
            }

            if (end == PollEnd.Complete && _downloads.HasStopped)
                return PollEnd.DownloadLimit;
            if (end != PollEnd.Complete || stuck is not { } uid)
                return end;
            var stops = await mailbox.State.CountStopAsync(mailbox.Name, cursor, uid, cancellationToken);
            if (stops < _polling.FetchAttempts)
            {
                Log.Stuck(logger, mailbox.Name, uid);
                return PollEnd.Stuck;
            }

            // Requests the headers in one poll only: the server may close the connection on them too.
            transfer.FailedAt = uid;
            var deadLetter = await budget.Threads.RunAsync(
                () => fetcher.FetchFailed(uid, withHeader: stops <= _polling.FetchAttempts + 1, cancellationToken), cancellationToken);
            transfer.FailedAt = null;
            end = await appender.AppendAsync([items.Of(deadLetter)], cancellationToken);
            if (end != PollEnd.Complete)
                return end;
            Log.FetchFailed(logger, mailbox.Name, uid, _polling.FetchAttempts);
        }
    }

    private PollResult WithDownloads(PollResult result) => result with
    {
        Downloaded = _downloads.Use?.Used,
        Error = result.End == PollEnd.DownloadLimit ? _downloads.Describe() : result.Error,
    };

    // An email that Redis refuses while it accepts others becomes a dead letter after the same number of polls as one that the server does
    // not return.
    private async Task<PollEnd> CountRefusalAsync(
        MailboxCursor cursor, MailboxAppender appender, AppendItem item, string why, CancellationToken cancellationToken)
    {
        var uid = item.Message.Uid;
        var stops = await mailbox.State.CountStopAsync(mailbox.Name, cursor, uid, cancellationToken);
        Streams.Log.EntryRefused(logger, mailbox.Name, uid, stops, _polling.FetchAttempts, why);
        if (stops < _polling.FetchAttempts)
            return PollEnd.Stuck;
        // A UID that somebody passes over has more stops than polls.
        var refusal = $"Redis refused it in {Math.Min(stops, _polling.FetchAttempts)} polls: {why}";
        return await appender.AppendAsync([OversizeItem.Of(item, refusal)], cancellationToken);
    }
}
