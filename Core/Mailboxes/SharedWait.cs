using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Why no process may poll a mailbox, as Redis has it beside the cursor: the wait that its server has asked for, and the parking after a
/// refused sign-in. So no other process asks the server meanwhile, and neither does this one after a restart.
/// </summary>
internal sealed class SharedWait(MailboxOptions options, MailboxWaits waits, MailboxBackOff backOff, TimeProvider time)
{
    private readonly string _server = $"{options.Host}:{options.EffectivePort}";
    private readonly string? _account = SignInAccount.Of(options)?.Digest[..16];

    private EndedParking? _ended;

    /// <summary>The wait in this process, with those after failures.</summary>
    public MailboxBackOff BackOff => backOff;

    /// <summary>The server that asks for the wait; null when there is none.</summary>
    public string? Server => backOff.IsThrottled ? _server : null;

    /// <summary>The parking by this process; null when there is none.</summary>
    public MailboxParking? Parking =>
        _account is not null && backOff.ParkedUntil is { } until ? new MailboxParking(_account, until) : null;

    /// <summary>
    /// Reads why the mailbox must not be polled now; null if it may be. A wait that another process has noted counts here from now on. A
    /// parking counts for the same sign-in settings.
    /// </summary>
    public async Task<RequiredWait?> ReadAsync(CancellationToken cancellationToken)
    {
        if (backOff.ThrottledUntil is { } own)
            return new RequiredWait(own, IsParked: false);
        var (throttled, parked) = await ReadMarksAsync(cancellationToken);
        if (throttled is { } noted)
            backOff.Throttle(noted);
        return backOff.ThrottledUntil is { } until ? new RequiredWait(until, IsParked: false)
            : parked is { } end ? new RequiredWait(end, IsParked: true)
            : null;
    }

    /// <summary>Whether the mailbox is parked, by this process or by another one with the same sign-in settings.</summary>
    public async Task<bool> IsParkedAsync(CancellationToken cancellationToken) =>
        backOff.ParkedUntil is not null || (await ReadMarksAsync(cancellationToken)).Parked is not null;

    /// <summary>Somebody has corrected the account: the parking that Redis has now does not count in this process.</summary>
    public void Resume()
    {
        if (backOff.IsParked)
            backOff.Resume();
        Volatile.Write(ref _ended, new EndedParking());
    }

    /// <summary>Records a wait that the server has asked for outside of a poll.</summary>
    public async Task AddAsync(MailboxThrottledException error, CancellationToken cancellationToken)
    {
        backOff.Throttle(error);
        try
        {
            if (backOff.ThrottledUntil is { } until)
                await waits.ReportAsync(options.Name, _server, until, error.Message, cancellationToken);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // This process waits. Another one that asks the server gets the same answer.
        }
    }

    private async Task<(DateTimeOffset? Throttled, DateTimeOffset? Parked)> ReadMarksAsync(CancellationToken cancellationToken)
    {
        // Before Redis is asked: an answer may be older than an end that comes meanwhile.
        var ended = Volatile.Read(ref _ended);
        var (throttled, parked) = await waits.ReadAsync(options.Name, _server, _account, cancellationToken);
        var now = time.GetUtcNow();
        // The clock of the process that has parked it may be ahead.
        var counts = ended?.Is(parked) != true && parked > now && parked < now + (2 * MailboxBackOff.Parked);
        return (throttled, counts ? parked : null);
    }
}
