using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>Appends the emails of one poll, in order and without a gap, and tracks the progress.</summary>
internal sealed class MailboxAppender(
    string mailbox, MailboxCursor cursor, TimeSpan contentWindow,
    EmailStream stream, StreamPressure pressure, ResiliencePipeline redis, IngestionMetrics metrics)
{
    private const int MaxInFlight = 3;

    // A snapshot of this age is enough, since the append itself never exceeds the stream limit.
    private static readonly TimeSpan PressureAge = TimeSpan.FromSeconds(1);

    private readonly Queue<AppendStep> _inFlight = new();
    private readonly LargeAppend _large = new(mailbox, cursor, contentWindow, stream, redis);
    private readonly AppendCounts _counts = new(mailbox, stream.Keys.Partition, cursor.Last, metrics);
    private uint _sent = cursor.Last;
    private PollEnd _end = PollEnd.Complete;

    /// <summary>The last appended UID.</summary>
    public uint Last => _counts.Last;

    /// <summary>Why an email could not be stored, and which one Redis refuses; null when there is none. It ended the sending.</summary>
    public Unstored? Unstored { get; private set; }

    /// <summary>Whether more can be sent: no append since the last <see cref="FinishAsync"/> has stopped the sending.</summary>
    public bool CanContinue => _end == PollEnd.Complete;

    /// <summary>The counts of this poll so far.</summary>
    public PollResult Progress => _counts.Progress;

    /// <summary>Appends emails and waits for the end of their append.</summary>
    public async Task<PollEnd> AppendAsync(IReadOnlyList<AppendItem> items, CancellationToken cancellationToken)
    {
        await SendAsync(items, null, cancellationToken);
        return await FinishAsync(cancellationToken);
    }

    /// <summary>Sends emails in steps. Each step names the UID that it follows. Waits only while too many steps are in flight.</summary>
    /// <param name="items">The emails, ascending by UID.</param>
    /// <param name="appended">Called when all items are appended; null for no call.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether to continue.</returns>
    public async Task<bool> SendAsync(IReadOnlyList<AppendItem> items, Action? appended, CancellationToken cancellationToken)
    {
        if (_end == PollEnd.Complete && await IsHighAsync(PressureAge, cancellationToken))
            _end = PollEnd.BackPressure;
        var parts = AppendSteps.Of(items, stream.Bodies.LargestWithoutWrite);
        for (var i = 0; i < parts.Count && _end == PollEnd.Complete; i++)
        {
            if (await stream.Bodies.TryWriteAsync(parts[i], cancellationToken) is { } failure)
            {
                (Unstored, _end) = (new Unstored(PollEnd.StoreAway, failure), PollEnd.StoreAway);
                break;
            }

            if (parts[i] is [{ SentBytes: >= EmailStream.LargeBytes } large])
            {
                await AppendLargeAsync(large, i == parts.Count - 1 ? appended : null, cancellationToken);
                continue;
            }

            var sent = stream.TryAppendAsync(mailbox, cursor, _sent, parts[i], contentWindow, cancellationToken);
            _inFlight.Enqueue(new AppendStep(_sent, parts[i], sent, i == parts.Count - 1 ? appended : null));
            _sent = parts[i][^1].Message.Uid;
            // A step that is complete already may not have been sent at all. It must not wait for later steps.
            while (_inFlight.Count == MaxInFlight || (_inFlight.Count > 0 && sent.IsCompleted))
                await TakeOldestAsync(cancellationToken);
        }

        return _end == PollEnd.Complete;
    }

    /// <summary>Ends the sending before an email that cannot be stored. A step that failed before it comes first.</summary>
    public async Task StopAsync(Unstored unstored, CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        if (_end == PollEnd.Complete)
            (Unstored, _end) = (unstored, unstored.End);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (_inFlight.Count > 0)
            await TakeOldestAsync(cancellationToken);
    }

    /// <summary>Records the steps that end before the given task.</summary>
    public async Task TakeEndedAsync(Task until, CancellationToken cancellationToken)
    {
        while (!until.IsCompleted && CanContinue && _inFlight.TryPeek(out var oldest))
        {
            if (await Task.WhenAny(oldest.Sent, until) == oldest.Sent)
                await TakeOldestAsync(cancellationToken);
        }
    }

    /// <summary>Waits for the steps in flight. Returns how the sending since the last call ended.</summary>
    public async Task<PollEnd> FinishAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        var end = _end;
        (_sent, _end) = (Last, PollEnd.Complete);
        if (end is not (PollEnd.Stuck or PollEnd.StoreAway))
            Unstored = null;
        return end;
    }

    // Waits for the steps in flight first: a large email uses another connection and could overtake them.
    private async Task AppendLargeAsync(AppendItem item, Action? appended, CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        for (var again = true; _end == PollEnd.Complete;)
        {
            var outcome = await _large.AppendAsync(_sent, item, cancellationToken);
            if (outcome.Refused is { } why)
                (Unstored, _end) = (new Unstored(PollEnd.Stuck, why, item), PollEnd.Stuck);
            else if (outcome.Result is { } result)
                Record(new AppendStep(_sent, [outcome.Item], Task.FromResult<AppendResult?>(result), appended), result);
            else
                _end = PollEnd.BackPressure;

            // Only a snapshot trims the stream.
            if (_end != PollEnd.BackPressure || !again || await IsHighAsync(TimeSpan.Zero, cancellationToken))
                break;
            (_end, again) = (PollEnd.Complete, false);
        }

        _sent = item.Message.Uid;
    }

    // The steps behind a failed step are refused too. All of them are repeated in order before more is sent. Otherwise each later step
    // would overtake the repetition of the one before it.
    private async Task TakeOldestAsync(CancellationToken cancellationToken)
    {
        if (await TakeAsync(_inFlight.Dequeue(), cancellationToken))
            return;
        while (_inFlight.TryDequeue(out var behind))
            await TakeAsync(behind, cancellationToken);
    }

    /// <returns>Whether the first attempt appended the step.</returns>
    private async Task<bool> TakeAsync(AppendStep step, CancellationToken cancellationToken)
    {
        try
        {
            var sent = await step.Sent;
            if (sent is { Status: AppendStatus.Complete } done)
            {
                Record(step, done);
                return true;
            }

            if (sent is { } part)
                _counts.Add(step.Items, part);
            if (_end == PollEnd.Complete)
            {
                Record(step, await AppendAsync(step, cancellationToken));
                // The last snapshot may be a second old, and only a snapshot trims the stream.
                if (_end == PollEnd.BackPressure && !await IsHighAsync(TimeSpan.Zero, cancellationToken))
                {
                    _end = PollEnd.Complete;
                    Record(step, await AppendAsync(step, cancellationToken));
                }
            }
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Full)
        {
            _end = PollEnd.BackPressure;
        }

        return false;
    }

    private Task<AppendResult> AppendAsync(AppendStep step, CancellationToken cancellationToken) =>
        new RepeatedAppend(mailbox, cursor, contentWindow, stream, redis, _counts).AppendAsync(step, cancellationToken);

    private async Task<bool> IsHighAsync(TimeSpan age, CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(async token => await pressure.IsHighAsync(stream, age, token), cancellationToken);

    private void Record(AppendStep step, AppendResult result)
    {
        _counts.Add(step.Items, result);
        if (result.Status == AppendStatus.Complete)
            step.Appended?.Invoke();
        else
            _end = result.Status == AppendStatus.Full ? PollEnd.BackPressure : PollEnd.Elsewhere;
    }
}
