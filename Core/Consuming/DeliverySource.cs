using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>Where one partition's deliveries come from: what a lost reply held, what others have left, new entries.</summary>
internal sealed class DeliverySource(
    ConsumerGroup group, LeaseRenewer leases, Circuit circuit, IngestionMetrics metrics, ConsumerOptions options, TimeProvider time, ILogger logger)
{
    // A block of 0 would be one without end.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly Suspicion _suspicion = Suspicion.Of(options.MaxDeliveries);
    private bool _replyLost;
    private bool _newFirst;
    private long _reclaimedAt = time.GetTimestamp();

    /// <summary>The next to reclaim is a suspect: nothing else is fetched before it, by <see cref="FetchSuspectAsync"/>.</summary>
    public bool SuspectNext { get; private set; }

    private IEnumerable<string> InWork => leases.Running.Select(lease => lease.Delivery.Entry);

    public async Task<IReadOnlyList<Delivery>> FetchAsync(int free, CancellationToken stop)
    {
        if (_replyLost && await RecoverAsync(free, stop) is { Count: > 0 } recovered)
            return recovered;

        // While the circuit is being tried, new mail takes turns with what failed before: a few emails that always fail would otherwise be
        // the only ones to try it, and keep it open for ever.
        if (circuit.State != CircuitState.Closed && (_newFirst = !_newFirst)
            && await ReadAsync(free, Shortest, stop) is { Count: > 0 } fresh)
            return fresh;

        while (time.GetElapsedTime(_reclaimedAt) >= options.ReclaimInterval && !stop.IsCancellationRequested)
        {
            var reclaimed = await ReclaimAsync(free, alone: false, stop);
            if (reclaimed.Count > 0 || SuspectNext)
                return reclaimed;
        }

        var untilReclaim = options.ReclaimInterval - time.GetElapsedTime(_reclaimedAt);
        var block = untilReclaim < options.BlockTimeout ? untilReclaim : options.BlockTimeout;
        return await ReadAsync(free, block < Shortest ? Shortest : block, stop);
    }

    /// <summary>Fetches the suspect alone; nothing when another consumer was faster.</summary>
    public async Task<IReadOnlyList<Delivery>> FetchSuspectAsync(CancellationToken stop)
    {
        SuspectNext = false;
        return await ReclaimAsync(1, alone: true, stop);
    }

    /// <summary>What was handed to us in replies that we never saw. Empty when no reply was lost.</summary>
    public async Task<IReadOnlyList<Delivery>> RecoverAsync(int most, CancellationToken cancellationToken)
    {
        if (!_replyLost)
            return [];
        var recovered = await group.RecoverAsync(most, InWork, cancellationToken);
        _replyLost = recovered.Count == most;
        return recovered;
    }

    private async Task<IReadOnlyList<Delivery>> ReclaimAsync(int free, bool alone, CancellationToken stop)
    {
        _replyLost = true;
        var reclaimed = await group.ReclaimAsync(free, _suspicion, alone, InWork, stop);
        _replyLost = false;
        SuspectNext = reclaimed.SuspectNext;
        if (reclaimed.AtEnd)
            _reclaimedAt = time.GetTimestamp();
        if (reclaimed.Deliveries.Count > 0)
        {
            metrics.Reclaimed(group.Keys.Partition, reclaimed.Deliveries.Count);
            Log.Reclaimed(logger, reclaimed.Deliveries.Count);
        }

        return reclaimed.Deliveries;
    }

    private async Task<IReadOnlyList<Delivery>> ReadAsync(int free, TimeSpan block, CancellationToken stop)
    {
        _replyLost = true;
        var read = await group.ReadAsync(free, block, stop);
        _replyLost = false;
        return read;
    }
}
