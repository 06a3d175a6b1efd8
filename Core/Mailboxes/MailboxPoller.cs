using System.Threading.Channels;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly;

namespace EmailIngestion.Mailboxes;

/// <summary>One poll of one mailbox: what is above the cursor goes to the stream, in order, the cursor with it.</summary>
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
    private const int BatchesAhead = 2;

    private static readonly TimeSpan PollLease = TimeSpan.FromMinutes(1);

    private readonly MailboxAligner _aligner = new(options, memory, polling.RenumberingWindow, stream, time, logger);

    private MailboxCursor? _cursor;
    private MailboxAppender? _appender;
    private BudgetShare? _bytes;

    public string Mailbox => options.Name;

    /// <summary>What this poll has appended so far, also when it was cut off.</summary>
    public PollResult Progress => _appender?.Progress ?? new PollResult(PollEnd.Complete);

    /// <summary>Whether it was, at its end, waiting for bytes that other mailboxes hold: then it is not slow.</summary>
    public bool IsWaitingForBytes => _bytes?.IsWaiting == true;

    /// <summary>The UID at which reading failed, if it did: what the server was giving, or about to give.</summary>
    public uint? FailedAt { get; private set; }

    /// <summary>One pass.</summary>
    /// <exception cref="MailboxException">The mailbox cannot be read.</exception>
    public async Task<PollResult> PollAsync(CancellationToken cancellationToken)
    {
        if (await pressure.IsHighAsync(stream, TimeSpan.Zero, cancellationToken))
            return new PollResult(PollEnd.BackPressure);
        if (!await stream.HoldPollAsync(Mailbox, holder, PollLease, cancellationToken))
            return new PollResult(PollEnd.Elsewhere);
        try
        {
            using var mailbox = connect(options);
            // The cursor first: one that another poll moves after the folder has told its UIDNEXT would look like a renumbering.
            var known = await stream.ReadCursorAsync(Mailbox, cancellationToken);
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
            await DropLeaseAsync();
        }
    }

    /// <summary>Counts this poll as one that stopped before <see cref="FailedAt"/>, so that one message that breaks every poll is given up in the end.</summary>
    public async Task CountFailureAsync()
    {
        if (FailedAt is { } uid)
            await stream.CountStopAsync(Mailbox, _cursor!, uid, CancellationToken.None);
    }

    private async Task<PollEnd> ReadAsync(
        IMailbox mailbox, FolderSearch search, MailboxCursor cursor, MailboxAppender appender, CancellationToken cancellationToken)
    {
        using var bytes = budget.Open();
        _bytes = bytes;
        var fetcher = new MailboxFetcher(mailbox, Mailbox, polling, cursor, bytes, logger);
        var items = new MailboxItems(options, cursor, time.GetUtcNow());
        while (true)
        {
            var uids = await MailboxThread.RunAsync(() => search.After(appender.Last, cancellationToken), cancellationToken);
            var (end, stuck) = await TransferAsync(fetcher, items, appender, uids, cancellationToken);
            if (end == PollEnd.Stuck && appender.Refused is { } refused)
            {
                end = await CountRefusalAsync(cursor, appender, refused.Item, refused.Why, cancellationToken);
                if (end != PollEnd.Complete)
                    return end;
                continue;
            }

            if (end != PollEnd.Complete || stuck is not { } uid)
                return end;
            var stops = await stream.CountStopAsync(Mailbox, cursor, uid, cancellationToken);
            if (stops < polling.FetchAttempts)
            {
                Log.Stuck(logger, Mailbox, uid);
                return PollEnd.Stuck;
            }

            // Its headers are asked for once: a server may hang up on those too.
            FailedAt = uid;
            var letter = await MailboxThread.RunAsync(
                () => fetcher.FetchFailed(uid, withHeader: stops <= polling.FetchAttempts + 1, cancellationToken), cancellationToken);
            FailedAt = null;
            end = await appender.AppendAsync([items.Of(letter)], cancellationToken);
            if (end != PollEnd.Complete)
                return end;
            Log.FetchFailed(logger, Mailbox, uid, polling.FetchAttempts);
        }
    }

    // An email that Redis does not take while it takes others is given up as one that the server does not give.
    private async Task<PollEnd> CountRefusalAsync(
        MailboxCursor cursor, MailboxAppender appender, AppendItem item, string why, CancellationToken cancellationToken)
    {
        var uid = item.Message.Uid;
        var stops = await stream.CountStopAsync(Mailbox, cursor, uid, cancellationToken);
        Streams.Log.EntryRefused(logger, Mailbox, uid, stops, polling.FetchAttempts, why);
        if (stops < polling.FetchAttempts)
            return PollEnd.Stuck;
        return await appender.AppendAsync([OversizeItem.Of(item, $"Redis did not take it in {stops} polls: {why}")], cancellationToken);
    }

    // The fetch has a thread of its own and runs ahead of the appends by a few batches.
    private async Task<(PollEnd End, uint? Stuck)> TransferAsync(
        MailboxFetcher fetcher, MailboxItems items, MailboxAppender appender, IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        if (uids.Count == 0)
            return (PollEnd.Complete, null);
        var batches = Channel.CreateBounded<FetchedBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var handed = false;
        var fetch = MailboxThread.RunAsync(
            () =>
            {
                try
                {
                    return fetcher.Fetch(
                        uids,
                        batch =>
                        {
                            handed = true;
                            return Hand(batches.Writer, batch, enough.Token);
                        },
                        enough.Token);
                }
                // When the time is up it is one message's fault only if it has taken all of it.
                catch when (!enough.IsCancellationRequested || (cancellationToken.IsCancellationRequested && !handed))
                {
                    FailedAt = fetcher.Asking;
                    throw;
                }
                finally
                {
                    batches.Writer.Complete();
                }
            },
            enough.Token);

        PollEnd end;
        try
        {
            var held = time.GetTimestamp();
            while (await NextAsync(batches.Reader, appender, cancellationToken) is { } batch)
            {
                if (!await appender.SendAsync([.. batch.Emails.Select(items.Of)], batch.Recycle, cancellationToken))
                    break;
                if (time.GetElapsedTime(held) < PollLease / 4)
                    continue;
                await stream.HoldPollAsync(Mailbox, holder, PollLease, cancellationToken);
                var last = appender.Last;
                memory.Note(_cursor!, last, await stream.ProgressAsync(cancellationToken));
                held = time.GetTimestamp();
            }

            end = await appender.FinishAsync(cancellationToken);
        }
        catch
        {
            // The mailbox is closed next: nobody may be reading it still.
            await enough.CancelAsync();
            await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        if (end == PollEnd.Complete)
            return (end, await fetch);
        await enough.CancelAsync();
        await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (end, null);
    }

    private static async Task<FetchedBatch?> NextAsync(ChannelReader<FetchedBatch> batches, MailboxAppender appender, CancellationToken cancellationToken)
    {
        if (batches.TryRead(out var ready))
            return ready;
        var more = batches.WaitToReadAsync(cancellationToken).AsTask();
        // The fetch may be waiting for bytes that are free once what is under way is appended.
        await appender.TakeEndedAsync(more, cancellationToken);
        // What was not appended keeps its bytes: the fetch may be waiting for just those.
        if (!appender.GoesOn)
            return null;
        return await more && batches.TryRead(out var next) ? next : null;
    }

    private static bool Hand(ChannelWriter<FetchedBatch> writer, FetchedBatch batch, CancellationToken enough)
    {
        // Its bytes would be held with nobody to append it.
        if (batch.Emails.Count == 0)
            batch.Recycle();
        else if (!writer.TryWrite(batch))
            writer.WriteAsync(batch, enough).AsTask().GetAwaiter().GetResult();
        return !enough.IsCancellationRequested;
    }

    private async Task DropLeaseAsync()
    {
        try
        {
            await stream.DropPollAsync(Mailbox, holder);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // It runs out by itself.
        }
    }
}
