using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>Where one partition's deliveries come from: what a lost reply held, what others have left, new entries. All within the bytes that fit.</summary>
internal sealed class DeliverySource(
    ConsumerGroup group, LeaseRenewer leases, Circuit circuit, IngestionMetrics metrics, ConsumerOptions options, TimeProvider time, ILogger logger)
{
    private const int LostAtOnce = 1_000;

    // A block of 0 would be one without end.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    // How often to look for what fits while large emails are in work.
    private static readonly TimeSpan WhileLarge = TimeSpan.FromMilliseconds(50);

    private readonly PoisonSuspicion _suspicion = PoisonSuspicion.Of(options.MaxDeliveries);
    private bool _replyLost;
    private bool _recoveryFailed;
    private bool _newFirst;
    private bool _walking;
    private long _returns;
    private long _reclaimedAt = time.GetTimestamp();

    /// <summary>The next to reclaim is a suspect: nothing else is fetched before it, by <see cref="FetchSuspectedPoisonAsync"/>.</summary>
    public bool PoisonSuspectedNext { get; private set; }

    private IEnumerable<string> InWork => leases.Running.Select(lease => lease.Delivery.EntryId);

    public async Task<IReadOnlyList<Lease>> FetchAsync(int free, CancellationToken stop)
    {
        if (_replyLost && await RecoverAsync(free, stop) is { Count: > 0 } recovered)
            return recovered;

        // Nothing would be looked at but to be put back.
        if (group.Budget.Room.SmallEntries == 0)
        {
            await Task.Delay(WhileLarge, time, stop);
            return [];
        }

        // While the circuit is being tried, new mail takes turns with what failed before: a few emails that always fail would otherwise be
        // the only ones to try it, and keep it open for ever.
        if (circuit.State != CircuitState.Closed && (_newFirst = !_newFirst)
            && await ReadAsync(free, Shortest, stop) is { Count: > 0 } fresh)
            return fresh;

        while (ReclaimIsDue() && !stop.IsCancellationRequested)
        {
            var reclaimed = await ReclaimAsync(free, alone: false, stop);
            if (reclaimed.Count > 0 || PoisonSuspectedNext)
                return reclaimed;
        }

        var untilReclaim = options.ReclaimInterval - time.GetElapsedTime(_reclaimedAt);
        var block = untilReclaim < options.BlockTimeout ? untilReclaim : options.BlockTimeout;
        return await ReadAsync(free, block < Shortest ? Shortest : block, stop);
    }

    /// <summary>Fetches the suspect alone; nothing when another consumer was faster.</summary>
    public async Task<IReadOnlyList<Lease>> FetchSuspectedPoisonAsync(CancellationToken stop)
    {
        PoisonSuspectedNext = false;
        return await ReclaimAsync(1, alone: true, stop);
    }

    /// <summary>Gives back what was handed to us in replies that we never saw. Answers how many.</summary>
    public async Task<int> ReleaseLostAsync(CancellationToken cancellationToken) =>
        _replyLost ? await group.ReleaseLostAsync(LostAtOnce, InWork, cancellationToken) : 0;

    // By the clock; and when an email has ended that one which waits for its bytes had no room beside.
    private bool ReclaimIsDue()
    {
        if (!_walking && ((group.LargeWaits && group.Budget.Returns != _returns) || time.GetElapsedTime(_reclaimedAt) >= options.ReclaimInterval))
        {
            _walking = true;
            _returns = group.Budget.Returns;
        }

        return _walking;
    }

    // A reply that fails twice may be more than this process has memory for: then what it held is given back, or nobody would ever have it.
    private async Task<IReadOnlyList<Lease>> RecoverAsync(int free, CancellationToken stop)
    {
        if (_recoveryFailed)
        {
            await group.ReleaseLostAsync(LostAtOnce, InWork, stop);
            _recoveryFailed = _replyLost = group.MoreToRecover;
            return [];
        }

        _recoveryFailed = true;
        var recovered = await WithinBudgetAsync(() => group.RecoverAsync(free, InWork, stop), stop);
        _recoveryFailed = false;
        _replyLost = group.MoreToRecover;
        return recovered;
    }

    private Task<IReadOnlyList<Lease>> ReclaimAsync(int free, bool alone, CancellationToken stop) => WithinBudgetAsync(
        async () =>
        {
            var reclaimed = await group.ReclaimAsync(free, _suspicion, alone, InWork, stop);
            PoisonSuspectedNext = reclaimed.PoisonSuspectedNext;
            if (reclaimed.AtEnd)
            {
                _walking = false;
                _reclaimedAt = time.GetTimestamp();
            }

            if (reclaimed.Deliveries.Count > 0)
            {
                metrics.Reclaimed(group.Keys.Partition, reclaimed.Deliveries.Count);
                Log.Reclaimed(logger, reclaimed.Deliveries.Count);
            }

            return reclaimed.Deliveries;
        },
        stop);

    // A plain read costs Redis a quarter of a careful one, but knows only a count: it is for when small entries alone are ahead, and to wait.
    private async Task<IReadOnlyList<Lease>> ReadAsync(int free, TimeSpan block, CancellationToken stop)
    {
        if (!group.OnlySmallAhead || group.Budget.HasLarge)
        {
            var fitting = await WithinBudgetAsync(() => group.ReadFittingAsync(free, stop), stop);
            if (fitting.Count > 0)
                return fitting;
            // What was put aside while nothing large is in work has its turn now.
            _walking |= group.LargeWaits && !group.Budget.HasLarge;
        }

        var most = Math.Min(free, group.Budget.Room.SmallEntries);
        if (most > 0 && !group.Budget.HasLarge && !group.LargeWaits)
            return Received(await FetchedAsync(() => group.ReadAsync(most, block, stop)), null);

        // What comes next may not fit: not waited for in Redis, which would hand it out whatever its size.
        await Task.Delay(block < WhileLarge ? block : WhileLarge, time, stop);
        return [];
    }

    private async Task<IReadOnlyList<Lease>> WithinBudgetAsync(Func<Task<IReadOnlyList<Delivery>>> fetch, CancellationToken stop)
    {
        var entered = await group.Budget.EnterAsync(stop);
        try
        {
            // From before the claims: their bodies may take a while.
            var asked = time.GetTimestamp();
            return Received(await FetchedAsync(fetch), asked);
        }
        finally
        {
            if (entered)
                group.Budget.Exit();
        }
    }

    private async Task<IReadOnlyList<Delivery>> FetchedAsync(Func<Task<IReadOnlyList<Delivery>>> fetch)
    {
        var lost = _replyLost;
        _replyLost = true;
        var fetched = await fetch();
        _replyLost = lost;
        return fetched;
    }

    // What is in work already and was handed out to us once more is not begun beside itself.
    private List<Lease> Received(IReadOnlyList<Delivery> deliveries, long? since)
    {
        var received = new List<Lease>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            if (leases.Has(delivery))
                continue;
            var lease = new Lease(delivery, options.Lease, time, group.Budget, since);
            leases.Add(lease);
            received.Add(lease);
        }

        return received;
    }
}
