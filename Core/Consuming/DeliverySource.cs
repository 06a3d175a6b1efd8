using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>Fetches what fits into the byte budget: first deliveries of lost replies, then expired ones, then new entries.</summary>
internal sealed class DeliverySource(
    ConsumerGroup group,
    LeaseRenewer leases,
    Circuit circuit,
    IngestionMetrics metrics,
    ConsumerOptions options,
    TimeProvider time,
    ILogger logger)
{
    private const int MaxLostPerCall = 1_000;

    // XREADGROUP with BLOCK 0 would block without a limit.
    private static readonly TimeSpan MinBlock = TimeSpan.FromMilliseconds(1);

    // How often to check for entries that fit while large emails are in work.
    private static readonly TimeSpan LargePollInterval = TimeSpan.FromMilliseconds(50);

    private readonly PoisonSuspicion _suspicion = PoisonSuspicion.Of(options.MaxDeliveries);
    private bool _replyLost;
    private bool _recoveryFailed;
    private bool _newFirst;
    private bool _reclaiming;
    private long _returns;
    private long _reclaimedAt = time.GetTimestamp();

    /// <summary>Whether the next delivery is a suspected poison message: <see cref="FetchSuspectedPoisonAsync"/> is called first.</summary>
    public bool PoisonSuspectedNext { get; private set; }

    private IEnumerable<string> InWork => leases.Running.Select(lease => lease.Delivery.EntryId);

    public async Task<IReadOnlyList<Lease>> FetchAsync(int free, CancellationToken stop)
    {
        if (_replyLost && await RecoverAsync(free, stop) is { Count: > 0 } recovered)
            return recovered;

        // Without room for a small entry, every fetched entry would have to be released.
        if (group.Budget.Room.SmallEntries == 0)
        {
            await Task.Delay(LargePollInterval, time, stop);
            return [];
        }

        // While the circuit is tested, new emails and failed ones take turns. Otherwise a few emails that always fail would be the only
        // ones that test the dependency, and the circuit would never close.
        if (circuit.State != CircuitState.Closed && (_newFirst = !_newFirst)
            && await ReadAsync(free, MinBlock, stop) is { Count: > 0 } fresh)
            return fresh;

        while (ReclaimIsDue() && !stop.IsCancellationRequested)
        {
            var reclaimed = await ReclaimAsync(free, exclusive: false, stop);
            if (reclaimed.Count > 0 || PoisonSuspectedNext)
                return reclaimed;
        }

        var untilReclaim = options.ReclaimInterval - time.GetElapsedTime(_reclaimedAt);
        var block = untilReclaim < options.BlockTimeout ? untilReclaim : options.BlockTimeout;
        return await ReadAsync(free, block < MinBlock ? MinBlock : block, stop);
    }

    /// <summary>
    /// Fetches the suspected poison message for an exclusive run. Returns nothing if another consumer reclaimed it first.
    /// </summary>
    public async Task<IReadOnlyList<Lease>> FetchSuspectedPoisonAsync(CancellationToken stop)
    {
        PoisonSuspectedNext = false;
        return await ReclaimAsync(1, exclusive: true, stop);
    }

    /// <summary>Releases deliveries whose reply was lost.</summary>
    /// <returns>The number of released deliveries.</returns>
    public async Task<int> ReleaseLostAsync(CancellationToken cancellationToken) =>
        _replyLost ? await group.ReleaseLostAsync(MaxLostPerCall, InWork, cancellationToken) : 0;

    // A reclaim is due after the interval, and when an email has ended while a large entry waits for room.
    private bool ReclaimIsDue()
    {
        var hasRoom = group.LargeWaits && group.Budget.Returns != _returns;
        if (!_reclaiming && (hasRoom || time.GetElapsedTime(_reclaimedAt) >= options.ReclaimInterval))
        {
            _reclaiming = true;
            _returns = group.Budget.Returns;
        }

        return _reclaiming;
    }

    // A reply that fails twice may be larger than the memory of this process. Its deliveries are then released: otherwise no consumer could
    // fetch them.
    private async Task<IReadOnlyList<Lease>> RecoverAsync(int free, CancellationToken stop)
    {
        if (_recoveryFailed)
        {
            await group.ReleaseLostAsync(MaxLostPerCall, InWork, stop);
            _recoveryFailed = _replyLost = group.MoreToRecover;
            return [];
        }

        _recoveryFailed = true;
        var recovered = await WithinBudgetAsync(() => group.RecoverAsync(free, InWork, stop), stop);
        _recoveryFailed = false;
        _replyLost = group.MoreToRecover;
        return recovered;
    }

    private Task<IReadOnlyList<Lease>> ReclaimAsync(int free, bool exclusive, CancellationToken stop) => WithinBudgetAsync(
        async () =>
        {
            var reclaimed = await group.ReclaimAsync(free, _suspicion, exclusive, InWork, stop);
            PoisonSuspectedNext = reclaimed.PoisonSuspectedNext;
            if (reclaimed.AtEnd)
            {
                _reclaiming = false;
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

    // A plain read costs Redis a quarter of a read that checks sizes, but it limits only the count. It is used when only small entries are
    // ahead, and to wait for new entries.
    private async Task<IReadOnlyList<Lease>> ReadAsync(int free, TimeSpan block, CancellationToken stop)
    {
        if (!group.OnlySmallAhead || group.Budget.HasLarge)
        {
            var fitting = await WithinBudgetAsync(() => group.ReadFittingAsync(free, stop), stop);
            if (fitting.Count > 0)
                return fitting;
            // While no large email is in work, an entry that was put aside can be reclaimed now.
            _reclaiming |= group.LargeWaits && !group.Budget.HasLarge;
        }

        var most = Math.Min(free, group.Budget.Room.SmallEntries);
        if (most > 0 && !group.Budget.HasLarge && !group.LargeWaits)
            return Received(await FetchedAsync(() => group.ReadAsync(most, block, stop)), null);

        // The next entry may not fit. A blocking read would return it whatever its size, so the wait is local.
        await Task.Delay(block < LargePollInterval ? block : LargePollInterval, time, stop);
        return [];
    }

    private async Task<IReadOnlyList<Lease>> WithinBudgetAsync(Func<Task<IReadOnlyList<Delivery>>> fetch, CancellationToken stop)
    {
        var entered = await group.Budget.EnterAsync(stop);
        try
        {
            // The lease starts before the claims, since fetching the bodies may take a while.
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

    // Skips a delivery that is running already: Redis may deliver it to this consumer a second time.
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
