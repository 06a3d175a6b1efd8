using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The wait that the server of a mailbox has asked for. It is kept in Redis beside the cursor, so that no other process asks the server
/// meanwhile, and neither does this one after a restart.
/// </summary>
internal sealed class ServerWait(MailboxOptions options, MailboxWaits waits, MailboxBackOff backOff)
{
    private readonly string _server = $"{options.Host}:{options.EffectivePort}";

    /// <summary>The wait in this process, with those after failures.</summary>
    public MailboxBackOff BackOff => backOff;

    /// <summary>The server that asks for the wait; null when there is none.</summary>
    public string? Server => backOff.IsThrottled ? _server : null;

    /// <summary>Whether the server must not be asked now. A wait that another process has noted now counts here too.</summary>
    public async Task<bool> IsRequiredAsync(CancellationToken cancellationToken)
    {
        if (!backOff.IsThrottled && await waits.ReadAsync(options.Name, _server, cancellationToken) is { } until)
            backOff.Throttle(until);
        return backOff.IsThrottled;
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
