using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Backfill;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Messages;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Operations.Backfill;

/// <summary>One run of a backfill in this process. Each pass uses one connection, and ends when the run must wait or give way.</summary>
internal sealed class BackfillRun(JobRun run, BackfillRequest request, Backfills backfills, MailboxBackOff backOff)
{
    // A poll that needs the connection waits for so many emails at most.
    private const int ReadAtOnce = 50;

    private readonly BackfillStops _stops = new();
    private IReadOnlySet<EmailId>? _known;
    private bool _hasBegun;

    /// <summary>Reads until the end, or until something makes it wait, and waits then.</summary>
    /// <returns>Whether the run is over.</returns>
    public async Task<bool> PassAsync(PolledMailbox mailbox, CancellationToken cancellationToken)
    {
        if (await backfills.ReasonToWaitAsync(mailbox, backOff, cancellationToken) is { } reason)
            return !await run.WaitAsync(reason, cancellationToken);
        using var place = await BackfillPlace.AcquireAsync(run, backfills, mailbox, cancellationToken);
        if (place is null)
            return true;
        string? wait;
        using (var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, mailbox.Ended, mailbox.Pause.Token))
        {
            try
            {
                (var isOver, wait) = await ReadAsync(mailbox, ending.Token);
                if (isOver || run.IsStopped)
                    return true;
            }
            catch (OperationCanceledException) when (run.IsStopped)
            {
                return true;
            }
            catch (Exception) when (ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // It is paused, or has other settings. The next pass says so.
                return run.IsStopped;
            }
            catch (Exception e) when (e is MailboxException or IOException)
            {
                wait = await Backfills.ReasonOfAsync(mailbox, e, cancellationToken);
            }
            catch (Exception e) when (RedisErrors.KindOf(e) == RedisFailure.Full)
            {
                wait = JobRun.MemoryFull;
            }
        }

        // Without the connection.
        place.Dispose();
        return wait is not null && !await run.WaitAsync(BoundedText.Line(wait), cancellationToken);
    }

    private async Task<(bool IsOver, string? Wait)> ReadAsync(PolledMailbox mailbox, CancellationToken cancellationToken)
    {
        if (!_hasBegun)
        {
            var begun = await run.Partition.Backfills.BeginAsync(mailbox.Name, run.Step(0), cancellationToken);
            if (begun == BackfillBeginning.NoCursor)
                return (false, "The mailbox was not polled yet.");
            _hasBegun = BackfillFailures.HasBegun(begun);
            if (!_hasBegun)
                run.Stop();
        }

        if (run.IsStopped)
            return (true, null);
        _known ??= await run.Partition.KnownEmails.ListAsync(mailbox.Name, cancellationToken);
        // What Redis has, which may have lost the last steps by a failover.
        if (await run.Partition.Jobs.FindAsync(run.Job.Id, cancellationToken) is not { HasEnded: false } job)
            return (true, null);
        var counts = new BackfillCounts(job);
        using var reader = backfills.Read(mailbox);
        (bool, string?) result = (false, null);
        try
        {
            await backOff.ExecuteAsync(
                async token =>
                {
                    result = await ReadFolderAsync(mailbox, reader, counts, token);
                    return new PollResult(PollEnd.Complete);
                },
                cancellationToken);
        }
        catch (Exception e) when (e is not (MailboxThrottledException or JobFailedException) && !cancellationToken.IsCancellationRequested)
        {
            // The polls find it too. They park the mailbox, and it is resumed with them.
            if (e is SignInException { Failure: SignInFailure.Refused })
                backOff.Reset();
            reader.Discard();
            _stops.Add(reader.FailedAt);
            throw;
        }

        return result;
    }

    private async Task<(bool IsOver, string? Wait)> ReadFolderAsync(
        PolledMailbox mailbox, BackfillReader reader, BackfillCounts counts, CancellationToken cancellationToken)
    {
        if (await FindPositionAsync(mailbox, cancellationToken) is not var (position, live))
            return (run.IsStopped, null);
        if (!await reader.OpenAsync(position, live, cancellationToken))
            throw BackfillFailures.Renumbered;
        var until = Math.Min(position.Until, live.Last);
        var uids = await reader.FindAsync(request.From, request.To, counts.Position, until, cancellationToken);
        await run.SetTotalAsync(counts.Decided + uids.Count, cancellationToken);
        foreach (var chunk in uids.Chunk(ReadAtOnce))
        {
            if (!await run.KeepAsync(cancellationToken))
                return (true, null);
            if (backfills.MustGiveWay(mailbox))
                return (false, null);
            await run.ContinueAsync(cancellationToken);
            if (await FindPositionAsync(mailbox, cancellationToken) is not (var at, var cursor))
                return (run.IsStopped, null);
            if (counts.IsBehind(at) || cursor.Last < chunk[^1])
                return (false, BackfillCounts.GoneBack);
            var read = await ReadAsync(reader, at, cursor, chunk, cancellationToken);
            if (await FindPositionAsync(mailbox, cancellationToken) is not var (after, _))
                return (run.IsStopped, null);
            // What Redis has confirmed may be lost too.
            if (after.Last < read.Last)
                return (false, BackfillCounts.GoneBack);
            var isWhole = read.End == PollEnd.Complete;
            var (decided, last) = isWhole ? (chunk.Length, chunk[^1]) : (chunk.Count(uid => uid <= after.Last), after.Last);
            if (decided > 0)
            {
                var (done, skipped, failed) = counts.Take(after, decided, last);
                var expected = run.Partition.Backfills.At(mailbox.Name, after);
                if (!await run.AdvanceAsync(BackfillCounts.Text(last), done, skipped, failed, expected, cancellationToken))
                    return (true, null);
                if (isWhole)
                    _stops.Clear();
            }

            if (!isWhole)
                return (false, backfills.ReasonOf(mailbox, read));
        }

        return (true, null);
    }

    private async Task<BackfillRead> ReadAsync(
        BackfillReader reader, BackfillPosition position, MailboxCursor live, uint[] chunk, CancellationToken cancellationToken)
    {
        var at = position.At(live) with { MissingUid = _stops.Uid, Stops = _stops.Count };
        // What was appended by a step whose progress is not counted yet is not read again.
        uint[] open = [.. chunk.Where(uid => uid > position.Last && !_known!.Contains(reader.IdOf(at, uid)))];
        if (open.Length > 0)
        {
            var processed = await run.Partition.KnownEmails.AreProcessedAsync(
                [.. open.Select(uid => reader.IdOf(at, uid))], cancellationToken);
            open = [.. open.Where((_, i) => !processed[i])];
        }

        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = await reader.ReadAsync(
            at,
            open,
            async token =>
            {
                if (!await run.KeepAsync(token))
                    await stopped.CancelAsync();
            },
            stopped.Token);
        _stops.Add(read.Stuck);
        return read;
    }

    // Null: another process has the job, or Redis has lost that it has begun, and the next pass begins it again.
    private async Task<(BackfillPosition Position, MailboxCursor Live)?> FindPositionAsync(
        PolledMailbox mailbox, CancellationToken cancellationToken)
    {
        var position = await run.Partition.Backfills.ReadAsync(mailbox.Name, run.Job.Id, cancellationToken);
        var live = await mailbox.State.ReadCursorAsync(mailbox.Name, cancellationToken);
        if (position is null)
        {
            (_hasBegun, _known) = (false, null);
            return null;
        }

        if (live is null || live.Epoch != position.Epoch || live.UidValidity != position.UidValidity)
            throw live is null || live.UidValidity == position.UidValidity ? BackfillFailures.OtherEpoch : BackfillFailures.Renumbered;
        return run.IsStopped ? null : (position, live);
    }
}
