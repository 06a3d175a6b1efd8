using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>Appends what one poll fetches, in order and without a gap, and knows how far it has come.</summary>
internal sealed class MailboxAppender(
    string mailbox, MailboxCursor cursor, TimeSpan contentWindow, EmailStream stream, StreamPressure pressure, ResiliencePipeline redis, IngestionMetrics metrics)
{
    private const int MaxUnderWay = 3;

    // Meanwhile it is the append that never passes the mark.
    private static readonly TimeSpan PressureAge = TimeSpan.FromSeconds(1);

    private readonly Queue<Step> _underWay = new();
    private readonly LargeAppend _large = new(mailbox, cursor, contentWindow, stream, redis);
    private uint _sent = cursor.Last;
    private PollEnd _end = PollEnd.Complete;

    /// <summary>The last UID appended.</summary>
    public uint Last { get; private set; } = cursor.Last;

    /// <summary>
    /// The email that Redis does not take while it takes others, and why; null: there is none. It ended the sending as <see cref="PollEnd.Stuck"/>.
    /// </summary>
    public (AppendItem Item, string Why)? Refused { get; private set; }

    /// <summary>Whether more can be sent: nothing that was sent since the last <see cref="FinishAsync"/> has stopped it.</summary>
    public bool GoesOn => _end == PollEnd.Complete;

    /// <summary>What has been appended so far.</summary>
    public PollResult Progress { get; private set; } = new(PollEnd.Complete);

    /// <summary>Appends all of it.</summary>
    public async Task<PollEnd> AppendAsync(IReadOnlyList<AppendItem> items, CancellationToken cancellationToken)
    {
        await SendAsync(items, null, cancellationToken);
        return await FinishAsync(cancellationToken);
    }

    /// <summary>Sends it in steps, each of which names the UID it follows, and waits only while too many are under way.</summary>
    /// <param name="items">Ascending by UID.</param>
    /// <param name="appended">Called when all of it is in; null: nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether to go on.</returns>
    public async Task<bool> SendAsync(IReadOnlyList<AppendItem> items, Action? appended, CancellationToken cancellationToken)
    {
        if (_end == PollEnd.Complete && await IsHighAsync(PressureAge, cancellationToken))
            _end = PollEnd.BackPressure;
        var parts = AppendSteps.Of(items);
        for (var i = 0; i < parts.Count && _end == PollEnd.Complete; i++)
        {
            if (parts[i] is [{ Message.Raw.Length: >= EmailStream.LargeBytes } large])
            {
                await AppendLargeAsync(large, i == parts.Count - 1 ? appended : null, cancellationToken);
                continue;
            }

            var sent = stream.TryAppendAsync(mailbox, cursor, _sent, parts[i], contentWindow, cancellationToken);
            _underWay.Enqueue(new Step(_sent, parts[i], sent, i == parts.Count - 1 ? appended : null));
            _sent = parts[i][^1].Message.Uid;
            // What has ended by now may not have been sent at all: it must not wait for more to come.
            while (_underWay.Count == MaxUnderWay || (_underWay.Count > 0 && sent.IsCompleted))
                await TakeOldestAsync(cancellationToken);
        }

        return _end == PollEnd.Complete;
    }

    /// <summary>Takes up what ends before the given task does, while it goes on.</summary>
    public async Task TakeEndedAsync(Task until, CancellationToken cancellationToken)
    {
        while (!until.IsCompleted && GoesOn && _underWay.TryPeek(out var oldest))
        {
            if (await Task.WhenAny(oldest.Sent, until) == oldest.Sent)
                await TakeOldestAsync(cancellationToken);
        }
    }

    /// <summary>Waits for what is under way, and says how all that was sent since the last time has ended.</summary>
    public async Task<PollEnd> FinishAsync(CancellationToken cancellationToken)
    {
        while (_underWay.Count > 0)
            await TakeOldestAsync(cancellationToken);
        var end = _end;
        (_sent, _end) = (Last, PollEnd.Complete);
        if (end != PollEnd.Stuck)
            Refused = null;
        return end;
    }

    // Behind all that is under way: it does not travel with them.
    private async Task AppendLargeAsync(AppendItem item, Action? appended, CancellationToken cancellationToken)
    {
        while (_underWay.Count > 0)
            await TakeOldestAsync(cancellationToken);
        for (var again = true; _end == PollEnd.Complete;)
        {
            var outcome = await _large.AppendAsync(_sent, item, cancellationToken);
            if (outcome.Refused is { } why)
            {
                (Refused, _end) = ((item, why), PollEnd.Stuck);
            }
            else if (outcome.Result is { } result)
            {
                Record(new Step(_sent, [outcome.Item], Task.FromResult(true), appended), result);
            }
            else
            {
                _end = PollEnd.BackPressure;
            }

            // Only a look trims.
            if (_end != PollEnd.BackPressure || !again || await IsHighAsync(TimeSpan.Zero, cancellationToken))
                break;
            (_end, again) = (PollEnd.Complete, false);
        }

        _sent = item.Message.Uid;
    }

    // What was sent behind a step that failed is refused too. So all of it is done again in order before more is sent, or each step from
    // here on would overtake the repetition of the one before it.
    private async Task TakeOldestAsync(CancellationToken cancellationToken)
    {
        if (await TakeAsync(_underWay.Dequeue(), cancellationToken))
            return;
        while (_underWay.TryDequeue(out var behind))
            await TakeAsync(behind, cancellationToken);
    }

    /// <returns>Whether it was appended as it was sent.</returns>
    private async Task<bool> TakeAsync(Step step, CancellationToken cancellationToken)
    {
        try
        {
            if (await step.Sent)
            {
                Record(step, AppendResult.Whole(step.Items));
                return true;
            }

            if (_end == PollEnd.Complete)
            {
                Record(step, await AppendAsync(step, cancellationToken));
                // The look that let it come so far may be a second old, and only a look trims.
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

    private async Task<AppendResult> AppendAsync(Step step, CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(
            async token => await stream.AppendAsync(mailbox, cursor, step.Follows, step.Items, contentWindow, token), cancellationToken);

    private async Task<bool> IsHighAsync(TimeSpan age, CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(async token => await pressure.IsHighAsync(stream, age, token), cancellationToken);

    private void Record(Step step, AppendResult result)
    {
        Count(step.Items, result);
        Last = Math.Max(Last, result.Last);
        if (result.Status == AppendStatus.Complete)
            step.Appended?.Invoke();
        else
            _end = result.Status == AppendStatus.Full ? PollEnd.BackPressure : PollEnd.Elsewhere;
    }

    private void Count(List<AppendItem> part, AppendResult append)
    {
        Progress = Progress.Add(append.Appended, append.Duplicates, append.Dead);
        metrics.Produced(mailbox, append.Appended);
        if (append.Duplicates > 0)
            metrics.Duplicates(stream.Keys.Partition, "append", append.Duplicates);
        if (append.Dead == 0)
            return;
        foreach (var reason in part.Where(item => item.Failure is not null && item.Message.Uid <= append.Last).CountBy(item => item.Failure!.Reason))
            metrics.DeadLettered(stream.Keys.Partition, reason.Key, reason.Value);
    }

    private sealed record Step(uint Follows, List<AppendItem> Items, Task<bool> Sent, Action? Appended);
}
