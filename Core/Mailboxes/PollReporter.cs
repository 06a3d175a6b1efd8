using System.Collections.Concurrent;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>Reports the end of each poll to the log, the metrics and the status in Redis.</summary>
internal sealed class PollReporter(IngestionMetrics metrics, TimeProvider time, ILogger<PollService> logger)
{
    private readonly ConcurrentDictionary<string, string> _failing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PollEnd> _cut = new(StringComparer.Ordinal);
    private readonly FollowUpReporter _followUps = new(metrics, logger);
    private readonly ConcurrentDictionary<string, bool> _away = new(StringComparer.Ordinal);

    /// <summary>Reports an error of Redis by its kind. An outage is reported once.</summary>
    public void ReportRedisError(string partition, Exception error)
    {
        if (RedisErrors.IsPassing(error) && !RedisErrors.IsReplaced(error))
            ReportOutage(partition, BriefError.Of(error), error is RedisSignInException);
        else
            RedisErrorLog.Report(logger, error);
    }

    /// <summary>Reports the end of a poll.</summary>
    public async Task ReportAsync(
        string mailbox, EmailStream stream, PollResult result, TimeSpan took, MailboxProgress? progress = null)
    {
        metrics.Polled(mailbox, took);
        if (result.Downloaded is { } downloaded)
            metrics.Downloads.Set(mailbox, downloaded, result.End == PollEnd.DownloadLimit);
        if (result.End == PollEnd.RedisAway)
        {
            if (result.Error is { } error)
                ReportOutage(stream.Keys.Partition, error, result.IsSignInRefused);
            return;
        }

        if (result.End is (PollEnd.Complete or PollEnd.Stuck or PollEnd.BackPressure or PollEnd.StoreAway)
            && _away.TryRemove(stream.Keys.Partition, out _))
            Redis.Log.RedisBack(logger);
        // Every other poll has read whether it is parked, or asked the server.
        if (result.End is not (PollEnd.BackingOff or PollEnd.Paused or PollEnd.Stopped))
            ReportParked(mailbox, result.IsParked || result.End == PollEnd.Parked);
        if (result.End is PollEnd.Complete or PollEnd.Failed)
            _cut.TryRemove(mailbox, out _);
        try
        {
            if (result.FollowUps is { } followUps)
                await _followUps.ReportAsync(mailbox, stream, followUps);
            switch (result.End)
            {
                case PollEnd.Complete:
                    metrics.PollSucceeded(mailbox, time.GetUtcNow());
                    if (_failing.TryRemove(mailbox, out _))
                        Log.Recovered(logger, mailbox);
                    LogCounts(mailbox, result, took);
                    await stream.Mailboxes.ReportSuccessAsync(mailbox, CancellationToken.None, progress);
                    break;

                case PollEnd.Failed:
                    await ReportFailureAsync(mailbox, stream, result, progress);
                    break;

                case var _ when result.IsNotPolled:
                    Log.NotPolled(logger, mailbox, result.End);
                    break;

                case PollEnd.BackPressure:
                    // The log line about the backpressure itself is written once for the partition.
                    LogCounts(mailbox, result, took);
                    await ReportProgressAsync(mailbox, stream, progress);
                    break;

                case PollEnd.StoreAway:
                    LogCounts(mailbox, result, took);
                    await ReportWaitAsync(
                        mailbox, stream, $"waits before a large email: {result.Error}", result.Error!, Log.StoreAway, progress);
                    break;

                case PollEnd.DownloadLimit:
                    LogCounts(mailbox, result, took);
                    // One line, although the bytes and the time change.
                    await ReportWaitAsync(
                        mailbox, stream, $"waits: {result.Error}", result.Error!, Log.DownloadLimit, progress,
                        nameof(PollEnd.DownloadLimit));
                    break;

                default:
                    // One line for each change, not for each poll.
                    if (!_cut.TryGetValue(mailbox, out var before) || before != result.End)
                        Log.CutShort(logger, mailbox, result.End, result.Appended);
                    _cut[mailbox] = result.End;
                    await ReportProgressAsync(mailbox, stream, progress);
                    break;
            }
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            ReportRedisError(stream.Keys.Partition, e);
        }
    }

    /// <summary>Reports whether the mailbox is parked, by this process or by another one.</summary>
    public void ReportParked(string mailbox, bool isParked) => metrics.Parked(mailbox, isParked);

    private static Task ReportProgressAsync(string mailbox, EmailStream stream, MailboxProgress? progress) => progress is null
        ? Task.CompletedTask
        : stream.Mailboxes.ReportProgressAsync(mailbox, progress, CancellationToken.None);

    private async Task ReportFailureAsync(string mailbox, EmailStream stream, PollResult result, MailboxProgress? progress)
    {
        var error = result.Error!;
        metrics.PollFailed(mailbox);
        // One line for each new error, not for each poll.
        if (!_failing.TryGetValue(mailbox, out var known) || known != error)
        {
            if (result.Fault is { } fault)
                Log.Broken(logger, mailbox, error, fault);
            else if (result.IsParked)
                Log.Parked(logger, mailbox, error);
            else
                Log.Failed(logger, mailbox, error);
        }

        _failing[mailbox] = error;
        if (result is { BackingOff: { } until, IsParked: false })
            Log.BackingOff(logger, mailbox, until);
        var status = result.BackingOff is null ? error : $"{error} (not polled {result.BackingOff})";
        await stream.Mailboxes.ReportErrorAsync(mailbox, status, result.IsParked, CancellationToken.None, progress);
    }

    /// <summary>Forgets a mailbox that is no longer polled.</summary>
    public void Forget(string mailbox)
    {
        _failing.TryRemove(mailbox, out _);
        _cut.TryRemove(mailbox, out _);
        _followUps.Forget(mailbox);
        metrics.Forget(mailbox);
    }

    // Not a failure of the mailbox: what comes before is appended, and nothing backs off.
    private async Task ReportWaitAsync(
        string mailbox,
        EmailStream stream,
        string status,
        string reason,
        Action<ILogger, string, string> write,
        MailboxProgress? progress,
        string? kind = null)
    {
        if (!_failing.TryGetValue(mailbox, out var known) || known != (kind ?? status))
            write(logger, mailbox, reason);
        _failing[mailbox] = kind ?? status;
        await stream.Mailboxes.ReportErrorAsync(mailbox, status, isParked: false, CancellationToken.None, progress);
    }

    // One line for an outage, however many polls of the partition it stops, and one when it turns out to be a refused sign-in.
    private void ReportOutage(string partition, string error, bool isSignIn)
    {
        if (_away.TryGetValue(partition, out var wasSignIn) && (wasSignIn || !isSignIn))
            return;
        _away[partition] = isSignIn;
        if (isSignIn)
            Redis.Log.SignInRefused(logger, error);
        else
            Redis.Log.RedisAway(logger, error);
    }

    private void LogCounts(string mailbox, PollResult result, TimeSpan took)
    {
        if (!result.IsEmpty)
        {
            Log.Polled(
                logger, mailbox, result.Appended, result.Duplicates, result.DeadLettered, (long)took.TotalMilliseconds);
        }
    }
}
