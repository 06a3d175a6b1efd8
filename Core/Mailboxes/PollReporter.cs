using System.Collections.Concurrent;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>Tells how each poll ended: to the log, to the metrics and to the status in Redis.</summary>
internal sealed class PollReporter(IngestionMetrics metrics, TimeProvider time, ILogger<PollService> logger)
{
    private readonly ConcurrentDictionary<string, string> _failing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PollEnd> _cut = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _away = new(StringComparer.Ordinal);

    /// <summary>Tells of an outage once, however many polls of the partition it stops.</summary>
    private void RedisIsAway(string partition, string error)
    {
        if (_away.TryAdd(partition, true))
            Redis.Log.RedisAway(logger, error);
    }

    /// <summary>Tells of an error of Redis as what it is; of an outage once.</summary>
    public void RedisFails(string partition, Exception error)
    {
        if (RedisOutage.Is(error) && !RedisErrors.IsReplaced(error))
            RedisIsAway(partition, BriefError.Of(error));
        else
            RedisErrorLog.Report(logger, error);
    }

    private void Tell(string mailbox, PollResult result)
    {
        if (result.Fault is { } fault)
            Log.Broken(logger, mailbox, result.Error!, fault);
        else
            Log.Failed(logger, mailbox, result.Error!);
    }

    public async Task ReportAsync(string mailbox, EmailStream stream, PollResult result, TimeSpan took)
    {
        if (result.End == PollEnd.RedisAway)
        {
            if (result.Error is { } error)
                RedisIsAway(stream.Keys.Partition, error);
            return;
        }

        if (result.End is (PollEnd.Complete or PollEnd.Stuck or PollEnd.BackPressure) && _away.TryRemove(stream.Keys.Partition, out _))
            Redis.Log.RedisBack(logger);
        if (result.End is PollEnd.Complete or PollEnd.Failed)
            _cut.TryRemove(mailbox, out _);
        try
        {
            switch (result.End)
            {
                case PollEnd.Complete:
                    metrics.PollSucceeded(mailbox, time.GetUtcNow());
                    if (_failing.TryRemove(mailbox, out _))
                        Log.Recovered(logger, mailbox);
                    if (result.Appended + result.Duplicates + result.Dead > 0)
                        Log.Polled(logger, mailbox, result.Appended, result.Duplicates, result.Dead, (long)took.TotalMilliseconds);
                    await stream.ReportSuccessAsync(mailbox, CancellationToken.None);
                    break;

                case PollEnd.Failed:
                    metrics.PollFailed(mailbox);
                    // One line per new error, not one per poll.
                    if (!_failing.TryGetValue(mailbox, out var known) || known != result.Error)
                        Tell(mailbox, result);
                    _failing[mailbox] = result.Error!;
                    if (result.BackingOff is { } until)
                        Log.BackingOff(logger, mailbox, until);
                    await stream.ReportErrorAsync(
                        mailbox, result.BackingOff is null ? result.Error! : $"{result.Error} (left alone {result.BackingOff})", CancellationToken.None);
                    break;

                case PollEnd.BackingOff or PollEnd.Elsewhere or PollEnd.Stopped:
                    Log.NotPolled(logger, mailbox, result.End);
                    break;

                case PollEnd.BackPressure:
                    // That polling stops, why and until when is told for the partition, once.
                    if (!result.IsEmpty)
                        Log.Polled(logger, mailbox, result.Appended, result.Duplicates, result.Dead, (long)took.TotalMilliseconds);
                    break;

                default:
                    // On change, not a line for each poll.
                    if (!_cut.TryGetValue(mailbox, out var before) || before != result.End)
                        Log.CutShort(logger, mailbox, result.End, result.Appended);
                    _cut[mailbox] = result.End;
                    break;
            }
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            RedisFails(stream.Keys.Partition, e);
        }
    }
}
