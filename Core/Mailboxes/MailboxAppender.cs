using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>Appends what one poll fetches, in order and without a gap, and knows how far it has come.</summary>
internal sealed class MailboxAppender(
    string mailbox, MailboxCursor cursor, TimeSpan contentWindow, EmailStream stream, StreamPressure pressure, ResiliencePipeline redis, IngestionMetrics metrics)
{
    private const int MaxItems = 100;
    private const long MaxBytes = 4 * 1024 * 1024;
    private const int MaxUnderWay = 3;

    private readonly Queue<Step> _underWay = new();
    private uint _sent = cursor.Last;
    private PollEnd _end = PollEnd.Complete;

    /// <summary>The last UID appended.</summary>
    public uint Last { get; private set; } = cursor.Last;

    /// <summary>What has been appended so far.</summary>
    public PollResult Progress { get; private set; } = new(PollEnd.Complete);

    /// <summary>Appends all of it.</summary>
    public async Task<PollEnd> AppendAsync(IReadOnlyList<AppendItem> items, CancellationToken cancellationToken)
    {
        await SendAsync(items, null, cancellationToken);
        return await FinishAsync(cancellationToken);
    }

    /// <summary>
    /// Sends it in steps, and waits only while too many are under way. Each names the UID it follows, so one that overtakes a failed one
    /// before it is refused.
    /// </summary>
    /// <param name="items">Ascending by UID.</param>
    /// <param name="appended">Called when all of it is in; null: nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether to go on.</returns>
    public async Task<bool> SendAsync(IReadOnlyList<AppendItem> items, Action? appended, CancellationToken cancellationToken)
    {
        if (_end == PollEnd.Complete && await pressure.IsHighAsync(stream, cancellationToken))
            _end = PollEnd.BackPressure;
        var parts = Parts(items);
        for (var i = 0; i < parts.Count && _end == PollEnd.Complete; i++)
        {
            _underWay.Enqueue(new Step(_sent, parts[i], AppendAsync(_sent, parts[i], cancellationToken), i == parts.Count - 1 ? appended : null));
            _sent = parts[i][^1].Message.Uid;
            if (_underWay.Count == MaxUnderWay)
                await TakeAsync(cancellationToken);
        }

        return _end == PollEnd.Complete;
    }

    /// <summary>Waits for what is under way, and says how all that was sent since the last time has ended.</summary>
    public async Task<PollEnd> FinishAsync(CancellationToken cancellationToken)
    {
        while (_underWay.Count > 0)
            await TakeAsync(cancellationToken);
        var end = _end;
        (_sent, _end) = (Last, PollEnd.Complete);
        return end;
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        var step = _underWay.Dequeue();
        try
        {
            var result = await step.Append;
            // It had overtaken the one before it, which is in by now.
            if (result.Status == AppendStatus.Moved && _end == PollEnd.Complete && Last == step.Follows)
                result = await AppendAsync(step.Follows, step.Items, cancellationToken);
            Count(step.Items, result);
            Last = Math.Max(Last, result.Last);
            if (result.Status == AppendStatus.Complete)
                step.Appended?.Invoke();
            else if (_end == PollEnd.Complete)
                _end = result.Status == AppendStatus.Full ? PollEnd.BackPressure : PollEnd.Elsewhere;
        }
        catch (RedisServerException e) when (e.Message.StartsWith("OOM", StringComparison.Ordinal))
        {
            _end = PollEnd.BackPressure;
        }
    }

    private async Task<AppendResult> AppendAsync(uint follows, List<AppendItem> items, CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(
            async token => await stream.AppendAsync(mailbox, cursor, follows, items, contentWindow, token), cancellationToken);

    private void Count(List<AppendItem> part, AppendResult append)
    {
        Progress = Progress.Add(append.Appended, append.Duplicates, append.Dead);
        metrics.Produced(mailbox, append.Appended);
        if (append.Duplicates > 0)
            metrics.Duplicates(stream.Keys.Partition, "append", append.Duplicates);
        if (append.Dead == 0)
            return;
        foreach (var reason in part.Where(item => item.Failure is not null && item.Message.Uid <= append.Last).CountBy(item => item.Failure!.Reason))
            metrics.Buried(stream.Keys.Partition, reason.Key, reason.Value);
    }

    private static List<List<AppendItem>> Parts(IReadOnlyList<AppendItem> items)
    {
        var parts = new List<List<AppendItem>>();
        long bytes = 0;
        foreach (var item in items)
        {
            if (parts.Count == 0 || parts[^1].Count == MaxItems || bytes + item.Message.Raw.Length > MaxBytes)
            {
                parts.Add([]);
                bytes = 0;
            }

            parts[^1].Add(item);
            bytes += item.Message.Raw.Length;
        }

        return parts;
    }

    private sealed record Step(uint Follows, List<AppendItem> Items, Task<AppendResult> Append, Action? Appended);
}
