using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Watches one mailbox, and starts a poll when an email arrives. The timer finds what the watch misses: nothing else depends on it.
/// </summary>
internal sealed class MailboxWatch(
    PolledMailbox mailbox, MailboxPolls polls, PollPlaces places, WatchedFolders folders, TimeProvider time, ILogger<PollService> logger)
{
    // Emails that arrive one after another are read by few polls, and a hostile server cannot cause more.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(15);

    // The server is not the reason why such a poll may not read.
    private static readonly TimeSpan LongestRepeat = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ParkedCheck = TimeSpan.FromSeconds(10);

    // A connection that lived as long shows that the server can be watched: the next failure is the first one again.
    private static readonly TimeSpan LongWatch = TimeSpan.FromMinutes(1);

    // The longest time in which a poll waits for a watch that opens its folder.
    private static readonly TimeSpan GiveWayTimeout = TimeSpan.FromSeconds(10);

    private FolderState? _polledFor;

    // The poll that began with the announcement of an email.
    private Task<TimeSpan?>? _announced;
    private string? _failure;

    /// <summary>Watches until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.Yield();
        var (failures, longest, isUnwatched) = (0, LongestDelay, true);
        while (!stopping.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                var resumed = mailbox.Pause.WhenResumedAsync(stopping);
                isUnwatched |= !resumed.IsCompleted;
                await resumed;
                await WaitForServerAsync(stopping);
                // After a failure the poll connects: its back-off counts the attempts of both.
                if (failures > 0 && await TakePollAsync(stopping) is { } most)
                {
                    (failures, longest) = (failures + 1, most);
                }
                else
                {
                    // Other watches may have all connections. Emails that came before this watch began do not wait for one.
                    var isDue = isUnwatched || await WaitForEmailAsync(stopping);
                    isUnwatched = false;
                    (failures, _failure) = (0, null);
                    if ((isDue || _announced is not null) && await TakePollAsync(stopping) is { } mostNow)
                        (failures, longest) = (1, mostNow);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever the server does, the watch goes on.
                (failures, longest) = (time.GetElapsedTime(began) > LongWatch ? 1 : failures + 1, LongestDelay);
                Report(e);
                if (e is MailboxThrottledException throttled)
                    await mailbox.Wait.AddAsync(throttled, stopping);
            }

            var delay = failures == 0
                ? Pause
                : TimeSpan.FromTicks(Math.Min(longest.Ticks, FirstDelay.Ticks << Math.Min(failures - 1, 20)));
            await DelayAsync(delay, stopping);
        }
    }

    // A connection that is opened while the server asks for a wait makes the wait longer. A parking may end early.
    private async Task WaitForServerAsync(CancellationToken stopping)
    {
        while (await ReadWaitAsync(stopping) is { } required)
        {
            var wait = required.Until - time.GetUtcNow();
            if (required.IsParked && wait > ParkedCheck)
                wait = ParkedCheck;
            await Task.Delay(wait > Pause ? wait : Pause, time, stopping);
        }
    }

    private async Task<RequiredWait?> ReadWaitAsync(CancellationToken stopping)
    {
        try
        {
            return await mailbox.Wait.ReadAsync(stopping);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            return null;
        }
    }

    // Returns whether a poll is due: an email has arrived, or may have arrived since the last poll.
    private async Task<bool> WaitForEmailAsync(CancellationToken stopping)
    {
        using var stay = await mailbox.Watch.EnterAsync(stopping);
        using var wanted = CancellationTokenSource.CreateLinkedTokenSource(stay.Wanted, mailbox.Pause.Token);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wanted.Token, stopping);
        var watched = TimeSpan.Zero;
        try
        {
            using var turn = await places.AcquireToWatchAsync(mailbox.Options, either.Token);
            using var connection = stay.Connect();
            // A poll that began to wait before this is not answered by the gate.
            if (places.IsWanted(mailbox.Options))
                return false;
            using var folder = await OpenAsync(wanted.Token, stopping);
            var state = folder.State;
            if (state != mailbox.LastOpened && state != _polledFor)
            {
                _polledFor = state;
                return true;
            }

            await using var turns = time.CreateTimer(_ => EndTurn(), null, PollPlaces.Turn, PollPlaces.Turn);
            return await folder.WaitAsync(() => _announced = PollAsync(stopping, isAnnounced: true), wanted.Token, stopping);
        }
        catch (OperationCanceledException) when (wanted.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            return false;
        }

        void EndTurn()
        {
            watched += PollPlaces.Turn;
            if (places.IsTurnOver(mailbox.Options, watched))
                _ = wanted.CancelAsync();
        }
    }

    // A poll that wants the connection waits for the answer. To break it off would cost a login, while the server still counts this one.
    private async Task<WatchedFolder> OpenAsync(CancellationToken wanted, CancellationToken stopping)
    {
        wanted.ThrowIfCancellationRequested();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var giving = wanted.Register(() => late.CancelAfter(GiveWayTimeout));
        try
        {
            return await folders.OpenAsync(mailbox.Options, late.Token);
        }
        catch (OperationCanceledException e) when (!stopping.IsCancellationRequested)
        {
            throw new MailboxException(
                $"{mailbox.Options.Host}:{mailbox.Options.EffectivePort} does not answer the opening of the folder.", e);
        }
    }

    private Task<TimeSpan?> TakePollAsync(CancellationToken stopping)
    {
        var poll = _announced ?? PollAsync(stopping);
        _announced = null;
        return poll;
    }

    // Returns null if the mailbox was read, and otherwise the longest wait before the next attempt. At a stop the poll ends by itself,
    // after this. One that begins with an announcement waits until the watch has left the connection, and asks Redis meanwhile.
    private async Task<TimeSpan?> PollAsync(CancellationToken stopping, bool isAnnounced = false)
    {
        // A poll that is about to end may have searched before the email came.
        await polls.UntilIdleAsync(mailbox).WaitAsync(stopping);
        var result = await polls.Begin(mailbox, isAnnounced).WaitAsync(stopping);
        return result.End switch
        {
            PollEnd.Failed or PollEnd.BackingOff or PollEnd.Parked or PollEnd.Stopped => LongestDelay,
            PollEnd.RedisAway or PollEnd.Elsewhere or PollEnd.BackPressure or PollEnd.StoreAway or PollEnd.Deadline => LongestRepeat,
            _ => null,
        };
    }

    private void Report(Exception error)
    {
        // One line for each new error, not for each attempt.
        var text = error is MailboxException ? error.Message : BoundedText.Line($"{error.GetType().Name}: {error.Message}");
        if (text != _failure)
            Log.WatchFailed(logger, mailbox.Name, text);
        _failure = text;
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken stopping) =>
        await Task.Delay(delay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
