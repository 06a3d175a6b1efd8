using System.Collections.Concurrent;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>Tells how each poll ended: to the log, to the metrics and to the status in Redis.</summary>
internal sealed class PollReporter(IngestionMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, string> _failing = new(StringComparer.Ordinal);

    public async Task ReportAsync(string mailbox, EmailStream stream, PollResult result, TimeSpan took)
    {
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
                        Log.Failed(logger, mailbox, result.Error!);
                    _failing[mailbox] = result.Error!;
                    await stream.ReportErrorAsync(mailbox, result.Error!, CancellationToken.None);
                    break;

                case PollEnd.BackingOff or PollEnd.Elsewhere:
                    Log.NotPolled(logger, mailbox, result.End);
                    break;

                case PollEnd.BackPressure:
                    // That polling stops, why and until when is told for the partition, once.
                    if (!result.IsEmpty)
                        Log.Polled(logger, mailbox, result.Appended, result.Duplicates, result.Dead, (long)took.TotalMilliseconds);
                    break;

                default:
                    Log.CutShort(logger, mailbox, result.End, result.Appended);
                    break;
            }
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            RedisTrouble.Report(logger, e);
        }
    }
}
