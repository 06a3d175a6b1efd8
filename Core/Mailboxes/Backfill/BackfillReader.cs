using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes.Backfill;

/// <summary>
/// Reads older emails of one mailbox over one connection, as a poll does, but for the position: it is the backfill's own, and the live
/// cursor stays where it is.
/// </summary>
internal sealed class BackfillReader(
    PolledMailbox mailbox,
    MailboxAppenders appenders,
    Func<MailboxOptions, IMailbox> connect,
    PollBudget budget,
    IOptions<PollingOptions> options,
    TimeProvider time,
    ILogger<PollService> logger) : IDisposable
{
    private readonly PollingOptions _polling = options.Value;
    private readonly IMailbox _folder = connect(mailbox.Options);
    private readonly PollDownloads _downloads = new(mailbox.Downloads);
    private FolderSearch? _search;

    /// <summary>The UID that was being fetched when reading failed; null otherwise.</summary>
    public uint? FailedAt { get; private set; }

    /// <summary>Opens the folder.</summary>
    /// <returns>False: the server has renumbered it.</returns>
    /// <exception cref="MailboxException">The mailbox cannot be read.</exception>
    public async Task<bool> OpenAsync(BackfillPosition position, MailboxCursor live, CancellationToken cancellationToken)
    {
        var state = await budget.Threads.RunAsync(() => _folder.Open(cancellationToken), cancellationToken);
        _search = new FolderSearch(mailbox.Name, _folder, state, mailbox.Memory, logger);
        return !await MailboxAligner.IsRenumberedAsync(_search, state, position.UidValidity, live.Last, budget.Threads, cancellationToken);
    }

    /// <summary>The UIDs of emails received in these days, above the one and up to the other UID, ascending.</summary>
    public async Task<IReadOnlyList<uint>> FindAsync(
        DateOnly from, DateOnly? to, uint after, uint until, CancellationToken cancellationToken)
    {
        var before = to is { } last && last < DateOnly.MaxValue ? last.AddDays(1) : (DateOnly?)null;
        var found = await budget.Threads.RunAsync(() => _search!.Received(from, before, cancellationToken), cancellationToken);
        return [.. found.Where(uid => uid > after && uid <= until)];
    }

    /// <summary>The identity of an email at this position.</summary>
    public EmailId IdOf(MailboxCursor at, uint uid) => MailboxItems.IdOf(mailbox.Options, at, uid);

    /// <summary>Fetches these emails and appends them, in order.</summary>
    /// <param name="at">The position, as a cursor.</param>
    /// <param name="uids">The emails.</param>
    /// <param name="keep">Called a few times a minute.</param>
    /// <param name="cancellationToken">Ends it. What was appended stays.</param>
    /// <exception cref="MailboxException">The mailbox cannot be read.</exception>
    public async Task<BackfillRead> ReadAsync(
        MailboxCursor at, IReadOnlyList<uint> uids, Func<CancellationToken, Task> keep, CancellationToken cancellationToken)
    {
        var appender = appenders.Create(mailbox, at);
        return await ReadAsync(at, uids, appender, keep, cancellationToken) with { Last = appender.Last };
    }

    /// <summary>Lets no poll use this connection.</summary>
    public void Discard() => _folder.Discard();

    public void Dispose() => _folder.Dispose();

    private async Task<BackfillRead> ReadAsync(
        MailboxCursor at, IReadOnlyList<uint> uids, MailboxAppender appender, Func<CancellationToken, Task> keep,
        CancellationToken cancellationToken)
    {
        // Its downloads count like those of polls.
        if (!await _downloads.MayBeginAsync(cancellationToken))
            return new BackfillRead(PollEnd.DownloadLimit, Why: _downloads.Describe());
        using var bytes = budget.Open();
        var items = new MailboxItems(mailbox.Options, at, time.GetUtcNow());
        var metered = new MeteredMailbox(_folder, _downloads);
        var large = new LargeFetcher(metered, mailbox, at, items, appenders.LargeStore(mailbox), _polling, logger);
        var fetcher = new MailboxFetcher(metered, mailbox, _polling, at, bytes, large, logger);
        var transfer = new MailboxTransfer(budget.Threads, (_, token) => keep(token), JobStore.LockLife / 5, time);
        var rest = uids;
        try
        {
            while (true)
            {
                var (end, stuck) = await transfer.RunAsync(fetcher, items, appender, () => rest, cancellationToken);
                if (end == PollEnd.Complete && _downloads.HasStopped)
                    return new BackfillRead(PollEnd.DownloadLimit, Why: _downloads.Describe());
                if (end == PollEnd.Stuck && appender.Unstored is { Item: { } refused, Why: var why })
                {
                    stuck = refused.Message.Uid;
                    if (!at.IsLastAttempt(refused.Message.Uid, _polling.FetchAttempts))
                        return new BackfillRead(PollEnd.Stuck, stuck, why);
                    var refusal = $"Redis refused it {_polling.FetchAttempts} times: {why}";
                    end = await appender.AppendAsync([OversizeItem.Of(refused, refusal)], cancellationToken);
                }
                else if (end == PollEnd.Complete && stuck is { } uid)
                {
                    if (!at.IsLastAttempt(uid, _polling.FetchAttempts))
                        return new BackfillRead(PollEnd.Stuck, uid);
                    transfer.FailedAt = uid;
                    // Requests the headers once only: the server may close the connection on them too.
                    var withHeader = at.Stops < _polling.FetchAttempts + 1;
                    var deadLetter = await budget.Threads.RunAsync(
                        () => fetcher.FetchFailed(uid, withHeader, cancellationToken), cancellationToken);
                    transfer.FailedAt = null;
                    end = await appender.AppendAsync([items.Of(deadLetter)], cancellationToken);
                    if (end == PollEnd.Complete)
                        Log.FetchFailed(logger, mailbox.Name, uid, _polling.FetchAttempts);
                }

                if (end != PollEnd.Complete || stuck is null)
                    return new BackfillRead(end, Why: appender.Unstored?.Why);
                rest = [.. uids.Where(other => other > stuck)];
            }
        }
        catch
        {
            // The connection may be the cause.
            _folder.Discard();
            FailedAt = transfer.FailedAt;
            throw;
        }
        finally
        {
            _downloads.EndPoll();
        }
    }
}
