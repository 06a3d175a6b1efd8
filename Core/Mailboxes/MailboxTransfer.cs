using System.Threading.Channels;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Brings emails from the mailbox to the stream: the fetch has a thread of its own and runs ahead of the appends by a few batches.
/// </summary>
internal sealed class MailboxTransfer(MailboxCursor cursor, MailboxLease lease, MailboxMemory memory, EmailStream stream, TimeProvider time)
{
    private const int BatchesAhead = 2;

    /// <summary>The UID at which reading failed, if it did: what the server was giving, or about to give.</summary>
    public uint? FailedAt { get; set; }

    /// <summary>Fetches these UIDs and appends them, in order. Answers how it ended, and the UID that the server does not give.</summary>
    public async Task<(PollEnd End, uint? Stuck)> RunAsync(
        MailboxFetcher fetcher, MailboxItems items, MailboxAppender appender, IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        if (uids.Count == 0)
            return (PollEnd.Complete, null);
        var batches = Channel.CreateBounded<FetchedBatch>(
            new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var handed = false;
        var fetch = MailboxThread.RunAsync(
            () =>
            {
                try
                {
                    return fetcher.Fetch(
                        uids,
                        batch =>
                        {
                            handed = true;
                            return Hand(batches.Writer, batch, enough.Token);
                        },
                        enough.Token);
                }
                // When the time is up it is one message's fault only if it has taken all of it.
                catch when (!enough.IsCancellationRequested || (cancellationToken.IsCancellationRequested && !handed))
                {
                    FailedAt = fetcher.Asking;
                    throw;
                }
                finally
                {
                    batches.Writer.Complete();
                }
            },
            enough.Token);

        PollEnd end;
        try
        {
            var held = time.GetTimestamp();
            while (await NextAsync(batches.Reader, appender, cancellationToken) is { } batch)
            {
                if (!await appender.SendAsync([.. batch.Emails.Select(items.Of)], batch.Recycle, cancellationToken))
                    break;
                if (time.GetElapsedTime(held) < MailboxLease.Life / 4)
                    continue;
                await lease.RenewAsync(cancellationToken);
                var last = appender.Last;
                memory.Note(cursor, last, await stream.ProgressAsync(cancellationToken));
                held = time.GetTimestamp();
            }

            end = await appender.FinishAsync(cancellationToken);
        }
        catch
        {
            // The mailbox is closed next: nobody may be reading it still.
            await enough.CancelAsync();
            await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        if (end == PollEnd.Complete)
            return (end, await fetch);
        await enough.CancelAsync();
        await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (end, null);
    }

    private static async Task<FetchedBatch?> NextAsync(
        ChannelReader<FetchedBatch> batches, MailboxAppender appender, CancellationToken cancellationToken)
    {
        if (batches.TryRead(out var ready))
            return ready;
        var more = batches.WaitToReadAsync(cancellationToken).AsTask();
        // The fetch may be waiting for bytes that are free once what is under way is appended.
        await appender.TakeEndedAsync(more, cancellationToken);
        // What was not appended keeps its bytes: the fetch may be waiting for just those.
        if (!appender.GoesOn)
            return null;
        return await more && batches.TryRead(out var next) ? next : null;
    }

    private static bool Hand(ChannelWriter<FetchedBatch> writer, FetchedBatch batch, CancellationToken enough)
    {
        // Its bytes would be held with nobody to append it.
        if (batch.Emails.Count == 0)
            batch.Recycle();
        else if (!writer.TryWrite(batch))
            writer.WriteAsync(batch, enough).AsTask().GetAwaiter().GetResult();
        return !enough.IsCancellationRequested;
    }
}
