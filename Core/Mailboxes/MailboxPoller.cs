using System.Globalization;
using System.Threading.Channels;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>One poll of one mailbox: what is above the cursor goes to the stream, in order, the cursor with it.</summary>
internal sealed class MailboxPoller(
    MailboxOptions options,
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
    private const int MaxAppend = 100;
    private const long MaxAppendBytes = 4 * 1024 * 1024;
    private const int AppendsInFlight = 2;
    private const int BatchesAhead = 2;

    private static readonly TimeSpan PollLease = TimeSpan.FromMinutes(1);

    private PollResult _progress = new(PollEnd.Complete);

    public string Mailbox => options.Name;

    /// <summary>What this poll has appended so far, also when it was cut off.</summary>
    public PollResult Progress => _progress;

    /// <summary>One pass.</summary>
    /// <exception cref="MailboxException">The mailbox cannot be read.</exception>
    public async Task<PollResult> PollAsync(CancellationToken cancellationToken)
    {
        if (await pressure.IsHighAsync(stream, cancellationToken))
            return new PollResult(PollEnd.BackPressure);
        if (!await stream.HoldPollAsync(Mailbox, holder, PollLease, cancellationToken))
            return new PollResult(PollEnd.Elsewhere);
        try
        {
            using var mailbox = connect(options);
            // The cursor first: one that another poll moves after the folder has told its UIDNEXT would look like a renumbering.
            var known = await stream.ReadCursorAsync(Mailbox, cancellationToken);
            var state = await Blocking(() => mailbox.Open(cancellationToken), cancellationToken);
            if (await AlignAsync(mailbox, state, known, cancellationToken) is not { } cursor)
                return new PollResult(PollEnd.Elsewhere);
            return await ReadAsync(mailbox, cursor, cancellationToken);
        }
        finally
        {
            await DropLeaseAsync();
        }
    }

    private async Task<PollResult> ReadAsync(IMailbox mailbox, MailboxCursor cursor, CancellationToken cancellationToken)
    {
        var fetcher = new MailboxFetcher(mailbox, options, polling, cursor);
        var last = cursor.Last;
        while (true)
        {
            var uids = await Blocking(() => mailbox.SearchAfter(last, cancellationToken), cancellationToken);
            (var end, last, var stuck) = await TransferAsync(fetcher, cursor, last, uids, cancellationToken);
            if (end != PollEnd.Complete || stuck is not { } uid)
                return _progress with { End = end };
            if (await stream.CountMissingAsync(Mailbox, cursor, uid, cancellationToken) < polling.FetchAttempts)
            {
                Log.Stuck(logger, Mailbox, uid);
                return _progress with { End = PollEnd.Stuck };
            }

            var letter = await Blocking(() => fetcher.FetchFailed(uid, cancellationToken), cancellationToken);
            (end, last) = await AppendAllAsync(cursor, last, [letter], cancellationToken);
            if (end != PollEnd.Complete)
                return _progress with { End = end };
            Log.FetchFailed(logger, Mailbox, uid, polling.FetchAttempts);
        }
    }

    // The fetch has a thread of its own and runs ahead of the appends by a few batches.
    private async Task<(PollEnd End, uint Last, uint? Stuck)> TransferAsync(
        MailboxFetcher fetcher, MailboxCursor cursor, uint last, IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        if (uids.Count == 0)
            return (PollEnd.Complete, last, null);
        var batches = Channel.CreateBounded<FetchedBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fetch = Blocking(
            () =>
            {
                try
                {
                    return fetcher.Fetch(uids, batch => Hand(batches.Writer, batch, enough.Token), enough.Token);
                }
                finally
                {
                    batches.Writer.Complete();
                }
            },
            enough.Token);

        var end = PollEnd.Complete;
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken))
            {
                (end, last) = await AppendAllAsync(cursor, last, batch.Items, cancellationToken);
                if (end != PollEnd.Complete)
                    break;
                batch.Recycle();
                await stream.HoldPollAsync(Mailbox, holder, PollLease, cancellationToken);
            }
        }
        catch
        {
            // The mailbox is closed next: nobody may be reading it still.
            await enough.CancelAsync();
            await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        if (end == PollEnd.Complete)
            return (end, last, await fetch);
        await enough.CancelAsync();
        await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (end, last, null);
    }

    private static bool Hand(ChannelWriter<FetchedBatch> writer, FetchedBatch batch, CancellationToken enough)
    {
        if (batch.Items.Count > 0 && !writer.TryWrite(batch))
            writer.WriteAsync(batch, enough).AsTask().GetAwaiter().GetResult();
        return !enough.IsCancellationRequested;
    }

    // In steps, some of them under way together. Each names the UID it follows, so one that overtakes a failed one before it is refused.
    private async Task<(PollEnd End, uint Last)> AppendAllAsync(
        MailboxCursor cursor, uint last, IReadOnlyList<AppendItem> items, CancellationToken cancellationToken)
    {
        if (await pressure.IsHighAsync(stream, cancellationToken))
            return (PollEnd.BackPressure, last);
        var end = PollEnd.Complete;
        var sent = new Queue<Task<AppendResult>>();
        var follows = last;
        foreach (var part in Parts(items))
        {
            sent.Enqueue(AppendAsync(cursor, follows, part, cancellationToken));
            follows = part[^1].Message.Uid;
            if (sent.Count == AppendsInFlight)
                await TakeAsync();
            if (end != PollEnd.Complete)
                break;
        }

        while (sent.Count > 0)
            await TakeAsync();
        return (end, last);

        async Task TakeAsync()
        {
            try
            {
                var append = await sent.Dequeue();
                Count(append);
                last = Math.Max(last, append.Last);
                if (end == PollEnd.Complete && append.Status != AppendStatus.Complete)
                    end = append.Status == AppendStatus.Full ? PollEnd.BackPressure : PollEnd.Elsewhere;
            }
            catch (RedisServerException e) when (e.Message.StartsWith("OOM", StringComparison.Ordinal))
            {
                end = PollEnd.BackPressure;
            }
        }
    }

    private void Count(AppendResult append)
    {
        _progress = _progress.Add(append.Appended, append.Duplicates, append.Dead);
        metrics.Produced(Mailbox, append.Appended);
        if (append.Duplicates > 0)
            metrics.Duplicates(stream.Keys.Partition, "append", append.Duplicates);
        if (append.Dead > 0)
            metrics.Buried(stream.Keys.Partition, "unfetched", append.Dead);
    }

    private async Task<AppendResult> AppendAsync(
        MailboxCursor cursor, uint follows, IReadOnlyList<AppendItem> items, CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(
            async token => await stream.AppendAsync(Mailbox, cursor, follows, items, polling.RenumberingWindow, token), cancellationToken);

    private static IEnumerable<List<AppendItem>> Parts(IReadOnlyList<AppendItem> items)
    {
        var part = new List<AppendItem>();
        long bytes = 0;
        foreach (var item in items)
        {
            if (part.Count == MaxAppend || (part.Count > 0 && bytes + item.Message.Raw.Length > MaxAppendBytes))
            {
                yield return part;
                part = [];
                bytes = 0;
            }

            part.Add(item);
            bytes += item.Message.Raw.Length;
        }

        if (part.Count > 0)
            yield return part;
    }

    /// <summary>The cursor to read from: as stored, or of a new epoch when there is none or the server has numbered the folder anew.</summary>
    private async Task<MailboxCursor?> AlignAsync(IMailbox mailbox, FolderState state, MailboxCursor? cursor, CancellationToken cancellationToken)
    {
        var renumbered = cursor is not null && (cursor.UidValidity != state.UidValidity || state.UidNext <= cursor.Last);
        if (cursor is not null && !renumbered)
            return cursor;

        var last = await Blocking(() => StartAfter(mailbox, state, cursor, cancellationToken), cancellationToken);
        if (await stream.StartEpochAsync(Mailbox, cursor, state.UidValidity, last, cancellationToken))
        {
            if (cursor is null)
                Log.FirstPoll(logger, Mailbox, options.StartFrom, last);
            else
                Log.Renumbered(logger, Mailbox, cursor.UidValidity, cursor.Last, state.UidValidity, last);
        }

        cursor = await stream.ReadCursorAsync(Mailbox, cancellationToken);
        return cursor?.UidValidity == state.UidValidity ? cursor : null;
    }

    private uint StartAfter(IMailbox mailbox, FolderState state, MailboxCursor? former, CancellationToken cancellationToken)
    {
        // What was not ours to read from the start is not on a renumbering either.
        DateOnly? start = options.StartFrom switch
        {
            "all" => null,
            "now" => former is null ? DateOnly.MaxValue : Day(former.First),
            var day => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        // Before any poll had reached the end, all of it may still be unread.
        DateOnly? window = former?.LastSuccess is { } success ? Day(Earlier(time.GetUtcNow() - polling.RenumberingWindow, success)) : null;
        var since = start > window || window is null ? start : window;
        if (since is null)
            return 0;
        var found = since == DateOnly.MaxValue ? [] : mailbox.SearchSince(since.Value, cancellationToken);
        if (found.Count > 0)
            return found[0] - 1;
        return state.UidNext is { } next ? next - 1 : mailbox.SearchAfter(0, cancellationToken).LastOrDefault();
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    // SEARCH SINCE knows no time of day and no zone: a day earlier on that account.
    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).AddDays(-1);

    private async Task DropLeaseAsync()
    {
        try
        {
            await stream.DropPollAsync(Mailbox, holder);
        }
        catch (Exception e) when (RedisAway.Is(e))
        {
            // It runs out by itself.
        }
    }

    private static Task<T> Blocking<T>(Func<T> call, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(call, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
