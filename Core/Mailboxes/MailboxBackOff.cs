using System.Globalization;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The back-off of one mailbox. From the second failure in a row on, the mailbox is not polled for 30 seconds. Each further failure doubles
/// that time, up to 15 minutes. After throttling the mailbox is not polled for as long as the server says, from the first time on. A
/// mailbox whose sign-in is refused is parked: it is polled once an hour, and at once when it is resumed.
/// </summary>
internal sealed class MailboxBackOff(TimeProvider time)
{
    /// <summary>The back-off after throttling without a duration from the server.</summary>
    public static readonly TimeSpan Throttled = TimeSpan.FromMinutes(5);

    /// <summary>The longest back-off after throttling.</summary>
    public static readonly TimeSpan LongestThrottled = TimeSpan.FromDays(1);

    /// <summary>The time after which a refused sign-in is repeated.</summary>
    public static readonly TimeSpan Parked = TimeSpan.FromHours(1);

    private const int ToleratedFailures = 1;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();

    // The end of the back-off after failures, or of the parking.
    private DateTimeOffset _until;
    private DateTimeOffset _throttledUntil;
    private int _failures;
    private int _backOffs;
    private bool _isParked;

    /// <summary>Whether the mailbox is parked.</summary>
    public bool IsParked => Read(() => _isParked);

    /// <summary>The end of the parking; null outside of one.</summary>
    public DateTimeOffset? ParkedUntil => Read<DateTimeOffset?>(() => IsStillParked ? _until : null);

    /// <summary>Whether the mailbox is not polled because the server throttles it.</summary>
    public bool IsThrottled => ThrottledUntil is not null;

    /// <summary>The end of the wait that the server has asked for; null outside of one.</summary>
    public DateTimeOffset? ThrottledUntil => Read<DateTimeOffset?>(() => time.GetUtcNow() < _throttledUntil ? _throttledUntil : null);

    /// <summary>The end of the back-off or of the parking; null outside of both.</summary>
    public DateTimeOffset? Until => Read<DateTimeOffset?>(() => IsActive ? End : null);

    /// <summary>The end of the back-off and its reason, as "until 12:34:56 UTC after 3 failures"; null outside a back-off.</summary>
    public string? Description => Read(() =>
        !IsActive ? null
        : IsStillParked ? Describe(_until, " or its settings change")
        : _throttledUntil >= _until ? Describe(_throttledUntil, ", because the server throttles it")
        : Describe(_until, string.Create(CultureInfo.InvariantCulture, $" after {_failures} {(_failures == 1 ? "failure" : "failures")}")));

    private DateTimeOffset End => _until > _throttledUntil ? _until : _throttledUntil;

    private bool IsActive => time.GetUtcNow() < End;

    private bool IsStillParked => _isParked && time.GetUtcNow() < _until;

    /// <summary>
    /// Runs a poll and counts its failure. Cancellation and Redis errors are not failures of the mailbox and do not count.
    /// </summary>
    /// <returns>
    /// The result of the poll. Without a poll: <see cref="PollEnd.BackingOff"/> during a back-off, <see cref="PollEnd.Parked"/> while the
    /// mailbox is parked.
    /// </returns>
    public async Task<PollResult> ExecuteAsync(Func<CancellationToken, Task<PollResult>> poll, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (IsActive)
                return new PollResult(IsStillParked ? PollEnd.Parked : PollEnd.BackingOff);
        }

        try
        {
            var result = await poll(cancellationToken);
            // A poll that another process runs, or that was not begun, shows nothing about the server.
            if (result.End is not (PollEnd.Elsewhere or PollEnd.BackingOff or PollEnd.Parked))
                Reset();
            return result;
        }
        catch (MailboxThrottledException e)
        {
            Throttle(e);
            throw;
        }
        catch (SignInException e) when (e.Failure == SignInFailure.Refused)
        {
            lock (_gate)
                (_isParked, _until) = (true, time.GetUtcNow() + Parked);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException && !RedisErrors.IsRedis(e))
        {
            CountFailure();
            throw;
        }
    }

    /// <summary>Ends a back-off and a parking: the next poll runs.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Resume();
            _throttledUntil = default;
        }
    }

    /// <summary>
    /// Ends a parking and a back-off after failures: somebody has corrected the account. A wait that the server has asked for goes on.
    /// </summary>
    public void Resume()
    {
        lock (_gate)
            (_failures, _backOffs, _until, _isParked) = (0, 0, default, false);
    }

    /// <summary>
    /// Ends a back-off after failures, so that the next poll runs: somebody asks for it. A wait that the server has asked for and a parking
    /// go on.
    /// </summary>
    public void EndAfterFailures()
    {
        lock (_gate)
        {
            if (!_isParked)
                _until = default;
        }
    }

    /// <summary>Waits as the server asks. It ends no parking, and shortens no wait.</summary>
    public void Throttle(MailboxThrottledException error)
    {
        lock (_gate)
        {
            _failures++;
            WaitUntil(time.GetUtcNow() + (error.BackOff ?? Throttled));
        }
    }

    /// <summary>
    /// Waits as the server has asked another process. It ends no parking, and shortens no wait. A time that no server can have asked for
    /// changes nothing.
    /// </summary>
    public void Throttle(DateTimeOffset until)
    {
        lock (_gate)
        {
            // The clock of that process may be ahead.
            if (until - time.GetUtcNow() <= 2 * LongestThrottled)
                WaitUntil(until);
        }
    }

    private static string Describe(DateTimeOffset until, string why) =>
        string.Create(CultureInfo.InvariantCulture, $"until {until:HH:mm:ss} UTC{why}");

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }

    private void WaitUntil(DateTimeOffset until)
    {
        // The end of a parking begins a poll, which is throttled.
        _isParked = IsStillParked;
        if (until > _throttledUntil)
            _throttledUntil = until;
    }

    private void CountFailure()
    {
        lock (_gate)
        {
            _failures++;
            _isParked = false;
            if (_failures <= ToleratedFailures)
                return;
            // The limit of the shift prevents an overflow; it is far above the longest back-off.
            var ticks = First.Ticks << Math.Min(10, _backOffs++);
            _until = time.GetUtcNow() + TimeSpan.FromTicks(Math.Min(Longest.Ticks, ticks));
        }
    }
}
