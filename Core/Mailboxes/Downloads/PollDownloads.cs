using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes.Downloads;

/// <summary>The download budget in one poll. The calls of the thread that fetches block.</summary>
internal sealed class PollDownloads(DownloadBudget budget)
{
    private const double Megabyte = 1_000_000;

    private long _taken;
    private long _received;

    /// <summary>Whether there is a limit.</summary>
    public bool IsLimited => budget.IsLimited;

    /// <summary>Whether the poll stopped because the budget is used up.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>What the account has used, as last asked; null without a limit.</summary>
    public DownloadUse? Use { get; private set; }

    /// <summary>Why the poll stopped, in one line.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"the account has downloaded {Use!.Used / Megabyte:N0} of {budget.Limit / Megabyte:N0} MB in 24 hours "
        + $"(Polling:DailyDownloadBytes), and some of it is free again at {Use.FreeAt:yyyy-MM-dd HH:mm} UTC");

    /// <summary>Asks before the poll connects. False: it must not.</summary>
    public async Task<bool> MayBeginAsync(CancellationToken cancellationToken)
    {
        if (!budget.IsLimited)
            return true;
        var late = budget.Late;
        if (late > 0)
        {
            await budget.CorrectAsync(late, cancellationToken);
            budget.Late -= late;
        }

        Use = await budget.AskAsync(cancellationToken);
        HasStopped = budget.IsUsedUp(Use);
        return !HasStopped;
    }

    /// <summary>Takes the bytes of a batch. Returns how many of its emails, from the first one on, may be fetched.</summary>
    public int Take(IReadOnlyList<long> sizes, CancellationToken cancellationToken)
    {
        (_taken, _received) = (0, 0);
        if (!budget.IsLimited)
            return sizes.Count;
        // Another poller may take what was free a moment ago.
        for (var count = sizes.Count; count > 0;)
        {
            var bytes = sizes.Take(count).Sum();
            Use = budget.TakeAsync(bytes, isOneEmail: count == 1, cancellationToken).GetAwaiter().GetResult();
            if (Use.IsTaken)
            {
                _taken = bytes;
                return Stop(sizes, count);
            }

            var free = budget.Most - Use.Used;
            var fitting = sizes.TakeWhile(size => (free -= size) >= 0).Count();
            count = Math.Min(count - 1, Use.Used == 0 ? Math.Max(fitting, 1) : fitting);
        }

        return Stop(sizes, 0);
    }

    /// <summary>Counts a body that the server has sent, as often as it sends it.</summary>
    public void Receive(long bytes) => _received += bytes;

    /// <summary>Corrects what was taken by what came. Not after a failure: bytes that were on their way count.</summary>
    public void End(CancellationToken cancellationToken)
    {
        if (budget.IsLimited && _received != _taken)
            Use = budget.CorrectAsync(_received - _taken, cancellationToken).GetAwaiter().GetResult();
        (_taken, _received) = (0, 0);
    }

    /// <summary>
    /// Ends the poll. The next one counts what a failed fetch has received, by parts and retries, beyond what it took.
    /// </summary>
    public void EndPoll()
    {
        if (budget.IsLimited)
            budget.Late += Math.Max(0, _received - _taken);
        (_taken, _received) = (0, 0);
    }

    private int Stop(IReadOnlyList<long> sizes, int allowed)
    {
        HasStopped = allowed < sizes.Count;
        budget.Next = HasStopped ? sizes[allowed] : 0;
        return allowed;
    }
}
