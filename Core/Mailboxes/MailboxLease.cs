using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>The poll lease of one mailbox: a courtesy between processes, since polls that race are harmless.</summary>
internal sealed class MailboxLease(string mailbox, string holder, EmailStream stream)
{
    /// <summary>How long it lasts when nobody renews it.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    /// <summary>Acquires it; false: another process polls this mailbox.</summary>
    public Task<bool> AcquireAsync(CancellationToken cancellationToken) => stream.AcquireMailboxLockAsync(mailbox, holder, Life, cancellationToken);

    public Task RenewAsync(CancellationToken cancellationToken) => AcquireAsync(cancellationToken);

    public async Task ReleaseAsync()
    {
        try
        {
            await stream.ReleaseMailboxLockAsync(mailbox, holder);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // It runs out by itself.
        }
    }
}
