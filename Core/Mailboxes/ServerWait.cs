using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Why a mailbox must not be polled, as Redis has it beside the cursor: the wait that its server has asked for, and the parking after a
/// refused sign-in. So no other process asks the server meanwhile, and neither does this one after a restart.
/// </summary>
internal sealed class ServerWait(MailboxOptions options, MailboxWaits waits, MailboxBackOff backOff, TimeProvider time)
{
    // Clocks of processes differ.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly string _server = $"{options.Host}:{options.EffectivePort}";
    private readonly string? _account = SignInAccount.Of(options)?.Digest[..16];

    private DateTimeOffset _corrected;

    /// <summary>The wait in this process, with those after failures.</summary>
    public MailboxBackOff BackOff => backOff;

    /// <summary>The server that asks for the wait; null when there is none.</summary>
    public string? Server => backOff.IsThrottled ? _server : null;

    /// <summary>The sign-in settings for which this process has parked the mailbox; null when it has not.</summary>
    public string? ParkedAccount => backOff.IsParked ? _account : null;

    /// <summary>The end of the parking by any process, as it was read last; null when there is none.</summary>
    public DateTimeOffset? ParkedUntil { get; private set; }

    /// <summary>The end of the wait or the parking, as it was read last.</summary>
    public DateTimeOffset? Until => backOff.ThrottledUntil ?? ParkedUntil;

    /// <summary>
    /// Whether the server must not be asked now. A wait that another process has noted now counts here too, and so does a parking for the
    /// same sign-in settings.
    /// </summary>
    public async Task<bool> IsRequiredAsync(CancellationToken cancellationToken)
    {
        if (backOff.IsThrottled)
            return true;
        var (throttled, parked) = await waits.ReadAsync(options.Name, _server, _account, cancellationToken);
        if (throttled is { } until)
            backOff.Throttle(until);
        var now = time.GetUtcNow();
        ParkedUntil = parked > now && parked > _corrected && parked < now + (2 * MailboxBackOff.Parked) ? parked : null;
        return backOff.IsThrottled || ParkedUntil is not null;
    }

    /// <summary>Somebody has corrected the account: a refusal until now no longer parks the mailbox.</summary>
    public void Resume()
    {
        if (backOff.IsParked)
            backOff.Resume();
        _corrected = time.GetUtcNow() + MailboxBackOff.Parked + Tolerance;
        ParkedUntil = null;
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
}
