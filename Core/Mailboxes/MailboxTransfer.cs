using System.Threading.Channels;
using EmailIngestion.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Transfers emails from the mailbox to the stream. The fetch runs on a dedicated thread, a few batches ahead of the appends.
/// </summary>
/// <param name="threads">Has the thread of the fetch.</param>
/// <param name="keep">Keeps what the caller has locked. It gets the last appended UID; null while one large email takes long.</param>
/// <param name="every">How often it is called.</param>
/// <param name="time">The clock.</param>
internal sealed class MailboxTransfer(MailboxThreads threads, Func<uint?, CancellationToken, Task> keep, TimeSpan every, TimeProvider time)
{
    private const int BatchesAhead = 2;

    /// <summary>The UID that was being fetched when reading failed; null otherwise.</summary>
    public uint? FailedAt { get; set; }

    /// <summary>Finds emails, fetches them, and appends them, in order.</summary>
    /// <param name="fetcher">Fetches them.</param>
    /// <param name="items">Makes what is appended of them.</param>
    /// <param name="appender">Appends them.</param>
    /// <param name="find">Finds the UIDs, on the thread of the fetch.</param>
    /// <param name="cancellationToken">Ends the transfer.</param>
    /// <returns>How the transfer ended, and the UID that the server does not return; null when there is none.</returns>
    public async Task<(PollEnd End, uint? Stuck)> RunAsync(
        MailboxFetcher fetcher,
        MailboxItems items,
        MailboxAppender appender,
        Func<IReadOnlyList<uint>> find,
        CancellationToken cancellationToken)
    {
        var batches = Channel.CreateBounded<FetchedBatch>(
            new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var stopFetch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hasFetched = false;
        var fetch = threads.RunAsync(
            () =>
            {
                try
                {
                    return Fetch(find());
                }
                finally
                {
                    batches.Writer.Complete();
                }
            },
            stopFetch.Token);

        PollEnd end;
        try
        {
            var renewed = time.GetTimestamp();
            while (await NextAsync(batches.Reader, appender, cancellationToken) is { } batch)
            {
                if (batch.Unstored is { } unstored)
                {
                    await appender.StopAsync(unstored, cancellationToken);
                    // The email may become a dead letter, which has the beginning of its message, and the poll continues.
                    batch.Release(canReuse: false);
                    break;
                }

                if (!await appender.SendAsync([.. batch.Emails.Select(items.Of)], batch.Recycle, cancellationToken))
                    break;
                if (time.GetElapsedTime(renewed) < every)
                    continue;
                await keep(appender.Last, cancellationToken);
                renewed = time.GetTimestamp();
            }

            end = await appender.FinishAsync(cancellationToken);
        }
        catch
        {
            // The caller closes the mailbox next, so the fetch must have ended.
            await stopFetch.CancelAsync();
            await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        if (end == PollEnd.Complete)
            return (end, await fetch);
        await stopFetch.CancelAsync();
        await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (end, null);

        uint? Fetch(IReadOnlyList<uint> uids)
        {
            try
            {
                return fetcher.Fetch(
                    uids,
                    batch =>
                    {
                        hasFetched |= batch.Emails.Count > 0 || batch.Unstored is not null;
                        return Write(batches.Writer, batch, stopFetch.Token);
                    },
                    stopFetch.Token);
            }
            // At the deadline an email is blamed only if nothing was fetched before it.
            catch when (!stopFetch.IsCancellationRequested || (cancellationToken.IsCancellationRequested && !hasFetched))
            {
                FailedAt = fetcher.Asking;
                throw;
            }
        }
    }

    // A large email takes longer than the lock lasts.
    private async Task<FetchedBatch?> NextAsync(
        ChannelReader<FetchedBatch> batches, MailboxAppender appender, CancellationToken cancellationToken)
    {
        if (batches.TryRead(out var ready))
            return ready;
        var next = WaitAsync(batches, appender, cancellationToken);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (!next.IsCompleted && await Task.WhenAny(next, Task.Delay(every, time, waiting.Token)) != next)
        {
            if (!await TryRenewAsync(cancellationToken))
                break;
        }

        await waiting.CancelAsync();
        return await next;
    }

    // The lock only saves work.
    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keep(null, cancellationToken);
            return true;
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<FetchedBatch?> WaitAsync(
        ChannelReader<FetchedBatch> batches, MailboxAppender appender, CancellationToken cancellationToken)
    {
        var more = batches.WaitToReadAsync(cancellationToken).AsTask();
        // The fetch may wait for bytes that become free when the appends in flight end.
        await appender.TakeEndedAsync(more, cancellationToken);
        // Emails that were not appended keep their bytes, and the fetch may wait for exactly those.
        if (!appender.CanContinue)
            return null;
        return await more && batches.TryRead(out var next) ? next : null;
    }

    private static bool Write(ChannelWriter<FetchedBatch> writer, FetchedBatch batch, CancellationToken stopFetch)
    {
        // An empty batch is never appended, so nothing else would release its bytes.
        if (batch.Emails.Count == 0 && batch.Unstored is null)
            batch.Recycle();
        else if (!writer.TryWrite(batch))
            writer.WriteAsync(batch, stopFetch).AsTask().GetAwaiter().GetResult();
        return !stopFetch.IsCancellationRequested;
    }
}
