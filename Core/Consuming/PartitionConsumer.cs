using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace EmailIngestion.Consuming;

/// <summary>Fetches one partition's deliveries and has them executed: at most as many as there are free slots.</summary>
internal sealed class PartitionConsumer : IAsyncDisposable
{
    // A block of 0 would be one without end.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly ConsumerOptions _options;
    private readonly DeliveryExecutor _executor;
    private readonly Circuit _circuit;
    private readonly IngestionMetrics _metrics;
    private readonly StreamGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Seat _seat;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _abandon = new();

    // Received and not yet started, because Redis went away in between.
    private readonly List<Lease> _received = [];
    private bool _replyLost;
    private bool _newFirst;
    private long _reclaimedAt;
    private int _finished;

    public PartitionConsumer(
        ConsumerGroup group,
        Settler settler,
        StreamPartition partition,
        ConsumerOptions options,
        DeliveryExecutor executor,
        Circuit circuit,
        IngestionMetrics metrics,
        StreamGuard guard,
        TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _executor = executor;
        _circuit = circuit;
        _metrics = metrics;
        _guard = guard;
        _time = time;
        _logger = logger;
        _seat = new Seat(partition.Name, group, settler, partition.DeadLetters);
        _slots = new SemaphoreSlim(options.Concurrency, options.Concurrency);
        Leases = new LeaseRenewer(group);
        Stream = partition.Stream;
        _reclaimedAt = time.GetTimestamp();
    }

    public ConsumerGroup Group => _seat.Group;

    public EmailStream Stream { get; }

    public LeaseRenewer Leases { get; }

    /// <summary>One pass: wait for free slots, fetch for them, start what came.</summary>
    public async Task PassAsync(CancellationToken stop)
    {
        var (allowed, wait) = _circuit.Allowance();
        if (allowed == 0)
        {
            // In pieces: the circuit may close, and the loop has to show that it lives.
            await Task.Delay(wait < TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1), _time, stop);
            return;
        }

        var free = await TakeSlotsAsync(Math.Min(allowed, _options.BatchSize), stop);
        if (free == 0)
            return;
        try
        {
            if (_received.Count == 0)
                await ReceiveAsync(free, stop);
            if (stop.IsCancellationRequested || _received.Count == 0)
                return;
            free -= await StartAsync(free, stop);
        }
        finally
        {
            if (free > 0)
                _slots.Release(free);
        }
    }

    /// <summary>Lets what runs finish within the grace time and gives the rest back. Nothing of it counts as a delivery.</summary>
    public async Task StopAsync()
    {
        var finished = _finished;
        var deadline = _time.GetTimestamp();
        while (Leases.Count > _received.Count && _time.GetElapsedTime(deadline) < _options.ShutdownGrace)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time);
        await _abandon.CancelAsync();
        // Cancelled work is given back by its executor; a moment for that, since the host's patience is longer than ours.
        deadline = _time.GetTimestamp();
        while (Leases.Count > _received.Count && _time.GetElapsedTime(deadline) < TimeSpan.FromSeconds(5))
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time);

        var rest = Leases.Running.Where(lease => !lease.IsLost).Select(lease => lease.Delivery).ToList();
        try
        {
            if (_replyLost)
                rest.AddRange(await Group.RecoverAsync(1_000, CancellationToken.None));
            foreach (var chunk in rest.Chunk(200))
                await Group.ReleaseAsync(chunk, CancellationToken.None);
            await Group.LeaveAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            // A stop is not the time to fail: what could not be given back is reclaimed when its lease has run out.
            Log.ReadFailed(_logger, Stream.Keys.Stream!, BriefError.Of(e));
        }

        Log.Stopped(_logger, Group.Consumer, Stream.Keys.Stream!, _finished - finished, rest.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _seat.Settler.DisposeAsync();
        await Group.DisposeAsync();
        _abandon.Dispose();
        _slots.Dispose();
    }

    private async Task<int> TakeSlotsAsync(int most, CancellationToken stop)
    {
        // In pieces: long work in every slot is no reason to take the loop for dead.
        if (!await _slots.WaitAsync(TimeSpan.FromSeconds(1), stop))
            return 0;
        var taken = 1;
        while (taken < most && _slots.Wait(0, CancellationToken.None))
            taken++;
        return taken;
    }

    private async Task ReceiveAsync(int free, CancellationToken stop)
    {
        try
        {
            foreach (var delivery in await FetchAsync(free, stop))
            {
                var lease = new Lease(delivery, _options.Lease, _time);
                Leases.Add(lease);
                _received.Add(lease);
            }
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            // Somebody deleted the stream, or a replica without it took over. From the beginning: ids tell what is done.
            await _guard.EnsureGroupAsync(Stream.Keys, stop);
        }
    }

    private async Task<IReadOnlyList<Delivery>> FetchAsync(int free, CancellationToken stop)
    {
        if (_replyLost)
        {
            var recovered = await Group.RecoverAsync(free, stop);
            _replyLost = recovered.Count == free;
            if (recovered.Count > 0)
                return recovered;
        }

        // While the circuit is being tried, new mail takes turns with what failed before: a few emails that always fail would otherwise be
        // the only ones to try it, and keep it open for ever.
        if (_circuit.State != CircuitState.Closed && (_newFirst = !_newFirst)
            && await ReadAsync(free, Shortest, stop) is { Count: > 0 } fresh)
            return fresh;

        while (_time.GetElapsedTime(_reclaimedAt) >= _options.ReclaimInterval && !stop.IsCancellationRequested)
        {
            var (reclaimed, atEnd) = await Group.ReclaimAsync(free, stop);
            if (atEnd)
                _reclaimedAt = _time.GetTimestamp();
            if (reclaimed.Count == 0)
                continue;
            _metrics.Reclaimed(_seat.Partition, reclaimed.Count);
            Log.Reclaimed(_logger, reclaimed.Count);
            return reclaimed;
        }

        var untilReclaim = _options.ReclaimInterval - _time.GetElapsedTime(_reclaimedAt);
        var block = untilReclaim < _options.BlockTimeout ? untilReclaim : _options.BlockTimeout;
        return await ReadAsync(free, block < Shortest ? Shortest : block, stop);
    }

    private async Task<IReadOnlyList<Delivery>> ReadAsync(int free, TimeSpan block, CancellationToken stop)
    {
        _replyLost = true;
        var read = await Group.ReadAsync(free, block, stop);
        _replyLost = false;
        return read;
    }

    private async Task<int> StartAsync(int free, CancellationToken stop)
    {
        foreach (var lost in _received.Where(lease => lease.IsLost).ToArray())
            Drop(lost);
        Lease[] leases = [.. _received.Take(free)];
        if (leases.Length == 0)
            return 0;
        var processed = await Group.AreProcessedAsync([.. leases.Select(lease => lease.Delivery)], stop);
        _received.RemoveRange(0, leases.Length);
        for (var i = 0; i < leases.Length; i++)
            _ = ExecuteAsync(leases[i], processed[i]);
        return leases.Length;
    }

    private async Task ExecuteAsync(Lease lease, bool processed)
    {
        try
        {
            await _executor.ExecuteAsync(lease, processed, _seat, _abandon.Token);
        }
        finally
        {
            Interlocked.Increment(ref _finished);
            Leases.Remove(lease);
            lease.Dispose();
            _slots.Release();
        }
    }

    private void Drop(Lease lease)
    {
        _received.Remove(lease);
        Leases.Remove(lease);
        lease.Dispose();
    }
}
