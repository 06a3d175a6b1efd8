using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The mailbox lock of one mailbox, between processes. It only saves duplicate work: polls that race each other are harmless.
/// </summary>
internal sealed class MailboxLock(string mailbox, string holder, EmailStream stream)
{
    /// <summary>The time until the lock expires without renewal.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    /// <summary>Acquires the lock. Returns false if another process has it.</summary>
    public Task<bool> AcquireAsync(CancellationToken cancellationToken) =>
        stream.Mailboxes.AcquireMailboxLockAsync(mailbox, holder, Life, cancellationToken);

    /// <summary>Renews the lock.</summary>
    public Task RenewAsync(CancellationToken cancellationToken) => AcquireAsync(cancellationToken);

    /// <summary>Releases the lock. Without Redis it expires.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            await stream.Mailboxes.ReleaseMailboxLockAsync(mailbox, holder);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // The lock expires.
        }
    }
}
