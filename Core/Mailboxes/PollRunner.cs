using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Runs one poll of a mailbox: waits for its partition and its place, limits it by the deadline and the back-off, and reports its end. A
/// failure is a result, not an exception.
/// </summary>
internal sealed class PollRunner(
    PollPreparation preparation,
    PollPlaces places,
    Func<PolledMailbox, MailboxPoller> createPoller,
    PollReporter reporter,
    IOptions<PollingOptions> options,
    TimeProvider time)
{
    /// <summary>Runs the poll.</summary>
    /// <param name="mailbox">The mailbox. It has no other poll running.</param>
    /// <param name="isAnnounced">Whether its watch has found an email, and is about to leave its connection to this poll.</param>
    /// <param name="processStopping">Cancelled when the process stops.</param>
    public async Task<PollResult> RunAsync(PolledMailbox mailbox, bool isAnnounced, CancellationToken processStopping)
    {
        await Task.Yield();
        var result = await PrepareAndRunAsync(mailbox, isAnnounced, processStopping);
        if (result.End is PollEnd.Paused or PollEnd.BackingOff)
            await ReportParkingAsync(mailbox, processStopping);
        return result;
    }

    private async Task<PollResult> PrepareAndRunAsync(
        PolledMailbox mailbox, bool isAnnounced, CancellationToken processStopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(processStopping, mailbox.Ended, mailbox.Pause.Token);
        var stopping = ending.Token;
        // The partition is prepared for its other mailboxes too.
        if (!await preparation.PrepareAsync(mailbox.Stream, processStopping))
            return new PollResult(PollEnd.RedisAway);
        if (mailbox.IsPaused)
            return new PollResult(PollEnd.Paused);
        await using var poller = createPoller(mailbox);
        // The server is asked meanwhile to end the IDLE.
        if (isAnnounced)
            poller.Ask(stopping);
        try
        {
            using var pause = await poller.WaitAsync(mailbox.Watch.PauseAsync(stopping));
            using var place = await poller.WaitAsync(places.AcquireAsync(mailbox.Options, stopping));
            return await RunInPlaceAsync(mailbox, poller, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return new PollResult(EndOf(mailbox));
        }
    }

    private async Task<PollResult> RunInPlaceAsync(PolledMailbox mailbox, MailboxPoller poller, CancellationToken stopping)
    {
        using var activity = IngestionTracing.StartPoll(mailbox.Name);
        var started = time.GetTimestamp();
        var result = await PollAsync(mailbox, poller, stopping);
        activity?.SetTag("poll.end", result.End.ToString()).SetTag("poll.appended", result.Appended);
        // A poll that did not ask the server is none.
        var polls = result.End is PollEnd.BackingOff or PollEnd.Parked or PollEnd.Elsewhere or PollEnd.Paused ? 0 : mailbox.Polls.Add();
        await reporter.ReportAsync(mailbox.Name, mailbox.Stream, result, time.GetElapsedTime(started), new MailboxProgress(
            mailbox.LastOpened?.UidNext, result.Appended, polls, mailbox.IsWatched,
            mailbox.BackOff.ThrottledUntil ?? mailbox.BackOff.Until, mailbox.Wait.Server, mailbox.Wait.Parking));
        return result;
    }

    // Such a poll has not read whether another process has parked the mailbox, or has ended its parking.
    private async Task ReportParkingAsync(PolledMailbox mailbox, CancellationToken processStopping)
    {
        try
        {
            reporter.ReportParked(mailbox.Name, await mailbox.Wait.IsParkedAsync(processStopping));
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException or ObjectDisposedException)
        {
            // The next poll reads it.
        }
    }

    private async Task<PollResult> PollAsync(PolledMailbox mailbox, MailboxPoller poller, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(options.Value.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            return await mailbox.BackOff.ExecuteAsync(poller.PollAsync, either.Token);
        }
        catch (Exception) when (either.IsCancellationRequested)
        {
            // Cancellation closed the connection, whatever the exception says. A poll that read nothing until the deadline is a failure,
            // not a slow mailbox.
            if (stopping.IsCancellationRequested)
                return poller.Progress with { End = EndOf(mailbox) };
            if (poller.SlowStore is { } slow)
                return poller.Progress with { End = PollEnd.StoreAway, Error = slow };
            if (!poller.Progress.IsEmpty || poller.IsWaitingForBytes)
                return poller.Progress with { End = PollEnd.Deadline };
            await CountFailureAsync(poller);
            return new PollResult(PollEnd.Failed, Error: $"Nothing could be read within Polling:Deadline, {options.Value.Deadline}.");
        }
        catch (Exception e) when (RedisErrors.IsPassing(e))
        {
            return poller.Progress with
            {
                End = PollEnd.RedisAway,
                Error = RedisErrors.IsReplaced(e) ? null : BriefError.Of(e),
                IsSignInRefused = e is RedisSignInException,
            };
        }
        catch (Exception e)
        {
            // A failure of one mailbox must not affect other mailboxes.
            if (e is not MailboxThrottledException)
                await CountFailureAsync(poller);
            return PollFailure.Of(poller.Progress, e, mailbox.BackOff.Description) with { IsParked = mailbox.BackOff.IsParked };
        }
    }

    private static PollEnd EndOf(PolledMailbox mailbox) => mailbox.IsPaused ? PollEnd.Paused : PollEnd.Stopped;

    private static async Task CountFailureAsync(MailboxPoller poller)
    {
        try
        {
            await poller.CountFailureAsync();
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // The next poll reports the outage.
        }
    }
}
