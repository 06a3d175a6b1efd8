using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Consuming;

/// <summary>
/// Decides what is fetched next: first deliveries of lost replies, then expired ones, then new entries, as far as they fit into the byte
/// budget. It remembers how far the pending list was reclaimed; the reader has the commands.
/// </summary>
internal sealed class DeliverySource(
    Membership member, IngestionMetrics metrics, ConsumerOptions options, TimeProvider time, ILogger logger)
{
    private const int MaxLostPerCall = 1_000;

    // XREADGROUP with BLOCK 0 would block without a limit.
    private static readonly TimeSpan MinBlock = TimeSpan.FromMilliseconds(1);

    // How often to check for entries that fit while large emails are in work.
    private static readonly TimeSpan LargePollInterval = TimeSpan.FromMilliseconds(50);

    private readonly DeliveryReader _reader = member.Group.Reader;
    private readonly LeaseRenewer _leases = member.Leases;
    private readonly BudgetedFetch _fetch = new(member.Group.Reader, member.Leases, time);
    private readonly PoisonSuspicion _suspicion = PoisonSuspicion.Of(options.MaxDeliveries);
    private bool _recoveryFailed;
    private bool _hasRead;
    private bool _newFirst;
    private bool _reclaiming;
    private string _reclaimFrom = Reclaimed.Beginning;
    private long _returns;
    private long _reclaimedAt = time.GetTimestamp();

    /// <summary>Whether the next delivery is a suspected poison message: <see cref="FetchSuspectedPoisonAsync"/> is called first.</summary>
    public bool PoisonSuspectedNext { get; private set; }

    private IEnumerable<string> InWork => _leases.Running.Select(lease => lease.Delivery.EntryId);

    /// <summary>Fetches deliveries and begins their leases. It waits for the first as long as options and stop allow.</summary>
    /// <param name="free">The most deliveries.</param>
    /// <param name="testing">Whether the deliveries test the dependency of a circuit that is not closed.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<IReadOnlyList<Lease>> FetchAsync(int free, bool testing, CancellationToken stop)
    {
        if (_fetch.ReplyLost && await RecoverAsync(free, stop) is { Count: > 0 } recovered)
            return recovered;

        // Without room for a small entry, every fetched entry would have to be released.
        if (_reader.Budget.Room.SmallEntries == 0)
        {
            await Task.Delay(LargePollInterval, time, stop);
            return [];
        }

        // While the circuit is tested, new emails and failed ones take turns. Otherwise a few emails that always fail would be the only
        // ones that test the dependency, and the circuit would never close.
        if (testing && (_newFirst = !_newFirst) && await ReadAsync(free, MinBlock, stop) is { Count: > 0 } fresh)
            return fresh;

        while (ReclaimIsDue() && !stop.IsCancellationRequested)
        {
            var reclaimed = await ReclaimAsync(free, exclusive: false, stop);
            if (reclaimed.Count > 0 || PoisonSuspectedNext)
                return reclaimed;
        }

        var read = await ReadAsync(free, BlockTime(), stop);
        _hasRead = true;
        return read;
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
        _fetch.ReplyLost ? (await _reader.ReleaseLostAsync(MaxLostPerCall, InWork, cancellationToken)).Released : 0;

    // The process is ready after its first read, which therefore does not wait.
    private TimeSpan BlockTime()
    {
        var untilReclaim = options.ReclaimInterval - time.GetElapsedTime(_reclaimedAt);
        var block = untilReclaim < options.BlockTimeout ? untilReclaim : options.BlockTimeout;
        return !_hasRead || block < MinBlock ? MinBlock : block;
    }

    // A reclaim is due after the interval, and when an email has ended while a large entry waits for room.
    private bool ReclaimIsDue()
    {
        var hasRoom = _reader.Large.Wait && _reader.Budget.Returns != _returns;
        if (!_reclaiming && (hasRoom || time.GetElapsedTime(_reclaimedAt) >= options.ReclaimInterval))
        {
            _reclaiming = true;
            _returns = _reader.Budget.Returns;
        }

        return _reclaiming;
    }

    // A reply that fails twice may be larger than the memory of this process. Its deliveries are then released: otherwise no consumer could
    // fetch them.
    private async Task<IReadOnlyList<Lease>> RecoverAsync(int free, CancellationToken stop)
    {
        if (_recoveryFailed)
        {
            _recoveryFailed = _fetch.ReplyLost = (await _reader.ReleaseLostAsync(MaxLostPerCall, InWork, stop)).More;
            return [];
        }

        _recoveryFailed = true;
        var more = false;
        var recovered = await _fetch.WithinBudgetAsync(
            async () =>
            {
                (var deliveries, more) = await _reader.RecoverAsync(free, InWork, stop);
                return deliveries;
            },
            stop);
        _recoveryFailed = false;
        _fetch.ReplyLost = more;
        return recovered;
    }

    private Task<IReadOnlyList<Lease>> ReclaimAsync(int free, bool exclusive, CancellationToken stop) => _fetch.WithinBudgetAsync(
        async () =>
        {
            var reclaimed = await _reader.ReclaimAsync(_reclaimFrom, free, _suspicion, exclusive, InWork, stop);
            _reclaimFrom = reclaimed.Next;
            PoisonSuspectedNext = reclaimed.PoisonSuspectedNext;
            if (reclaimed.AtEnd)
            {
                _reclaiming = false;
                _reclaimedAt = time.GetTimestamp();
            }

            if (reclaimed.Deliveries.Count > 0)
            {
                metrics.Reclaimed(_reader.Partition, reclaimed.Deliveries.Count);
                Log.Reclaimed(logger, reclaimed.Deliveries.Count);
            }

            return reclaimed.Deliveries;
        },
        stop);

    // A plain read costs Redis a quarter of a read that checks sizes, but it limits only the count. It is used when only small entries are
    // ahead, and to wait for new entries.
    private async Task<IReadOnlyList<Lease>> ReadAsync(int free, TimeSpan block, CancellationToken stop)
    {
        if (!_reader.Large.OnlySmallAhead || _reader.Budget.HasLarge)
        {
            var fitting = await _fetch.WithinBudgetAsync(() => _reader.ReadFittingAsync(free, stop), stop);
            if (fitting.Count > 0)
                return fitting;
            // While no large email is in work, an entry that was put aside can be reclaimed now.
            _reclaiming |= _reader.Large.Wait && !_reader.Budget.HasLarge;
        }

        if (!_reader.Budget.HasLarge && !_reader.Large.Wait)
        {
            using var reserved = _reader.Budget.Reserve(free);
            if (reserved.Entries > 0)
                return await _fetch.ReadPlainAsync(reserved, block, stop);
        }

        // The next entry may not fit. A blocking read would return it whatever its size, so the wait is local.
        await Task.Delay(block < LargePollInterval ? block : LargePollInterval, time, stop);
        return [];
    }
}
