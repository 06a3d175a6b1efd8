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

    /// <summary>Renews the lock while work is under way, which may take longer than the lock lasts.</summary>
    /// <param name="work">The work.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the renewals, not the wait for the work.</param>
    public async Task<T> KeepDuringAsync<T>(Task<T> work, TimeProvider time, CancellationToken cancellationToken)
    {
        using var working = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (!cancellationToken.IsCancellationRequested
            && await Task.WhenAny(work, Task.Delay(Life / 4, time, working.Token)) != work)
            await TryRenewAsync(cancellationToken);
        await working.CancelAsync();
        return await work;
    }

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

    private async Task TryRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RenewAsync(cancellationToken);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || cancellationToken.IsCancellationRequested)
        {
            // The work does not depend on it.
        }
    }
}
