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
    private const int InFlight = 2;

    /// <summary>The last UID appended.</summary>
    public uint Last { get; private set; } = cursor.Last;

    /// <summary>What has been appended so far.</summary>
    public PollResult Progress { get; private set; } = new(PollEnd.Complete);

    /// <summary>
    /// Appends in steps, some of them under way together. Each names the UID it follows, so one that overtakes a failed one before it is
    /// refused.
    /// </summary>
    public async Task<PollEnd> AppendAsync(IReadOnlyList<AppendItem> items, CancellationToken cancellationToken)
    {
        if (await pressure.IsHighAsync(stream, cancellationToken))
            return PollEnd.BackPressure;
        var end = PollEnd.Complete;
        var sent = new Queue<(List<AppendItem> Part, Task<AppendResult> Append)>();
        var follows = Last;
        foreach (var part in Parts(items))
        {
            sent.Enqueue((part, SendAsync(follows, part, cancellationToken)));
            follows = part[^1].Message.Uid;
            if (sent.Count == InFlight)
                await TakeAsync();
            if (end != PollEnd.Complete)
                break;
        }

        while (sent.Count > 0)
            await TakeAsync();
        return end;

        async Task TakeAsync()
        {
            var (part, append) = sent.Dequeue();
            try
            {
                var result = await append;
                Count(part, result);
                Last = Math.Max(Last, result.Last);
                if (end == PollEnd.Complete && result.Status != AppendStatus.Complete)
                    end = result.Status == AppendStatus.Full ? PollEnd.BackPressure : PollEnd.Elsewhere;
            }
            catch (RedisServerException e) when (e.Message.StartsWith("OOM", StringComparison.Ordinal))
            {
                end = PollEnd.BackPressure;
            }
        }
    }

    private async Task<AppendResult> SendAsync(uint follows, List<AppendItem> items, CancellationToken cancellationToken) =>
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

    private static IEnumerable<List<AppendItem>> Parts(IReadOnlyList<AppendItem> items)
    {
        var part = new List<AppendItem>();
        long bytes = 0;
        foreach (var item in items)
        {
            if (part.Count == MaxItems || (part.Count > 0 && bytes + item.Message.Raw.Length > MaxBytes))
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
}
