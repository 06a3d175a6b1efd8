using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EmailIngestion.Consuming;

/// <summary>Has one partition's deliveries executed: at most as many as there are free slots, and what may have killed its consumers alone.</summary>
internal sealed class PartitionConsumer : IAsyncDisposable
{
    // How often to look whether what else is in work has ended.
    private static readonly TimeSpan WhileWaiting = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(1);

    private readonly ConsumerOptions _options;
    private readonly DeliveryExecutor _executor;
    private readonly Circuit _circuit;
    private readonly ExclusiveRuns _exclusive;
    private readonly StreamGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PartitionContext _context;
    private readonly DeliverySource _source;
    private readonly Slots _slots;

    // Received and not yet started, because Redis went away in between.
    private readonly List<Lease> _received = [];
    private bool _alone;
    private int _finished;
    private int _written;

    public PartitionConsumer(
        ConsumerGroup group,
        Settler settler,
        StreamPartition partition,
        ConsumerOptions options,
        DeliveryExecutor executor,
        Circuit circuit,
        ExclusiveRuns isolation,
        IngestionMetrics metrics,
        StreamGuard guard,
        TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _executor = executor;
        _circuit = circuit;
        _exclusive = isolation;
        _guard = guard;
        _time = time;
        _logger = logger;
        _context = new PartitionContext(partition.Name, group, settler, partition.DeadLetters);
        _slots = new Slots(options.Concurrency);
        Name = new NameClaim(group, time);
        Leases = new LeaseRenewer(group, options.Lease, time);
        Stream = partition.Stream;
        _source = new DeliverySource(group, Leases, circuit, metrics, options, time, logger);
        isolation.Join(Leases);
    }

    public ConsumerGroup Group => _context.Group;

    public NameClaim Name { get; }

    public EmailStream Stream { get; }

    public LeaseRenewer Leases { get; }

    /// <summary>How many deliveries have ended here.</summary>
    public int Finished => Volatile.Read(ref _finished);

    /// <summary>How many outcomes have been written: those that were neither lost nor refused by Redis.</summary>
    public int Written => Volatile.Read(ref _written);

    /// <summary>One pass: wait for free slots, fetch for them, start what came.</summary>
    public async Task PassAsync(CancellationToken stop)
    {
        var (allowed, wait) = _executor.MayRead() ? _circuit.Allowance() : (0, Piece);
        if (allowed == 0)
        {
            // In pieces: the circuit may close, and the loop has to show that it lives.
            await Task.Delay(wait < Piece ? wait : Piece, _time, stop);
        }
        else if (_alone || (_source.PoisonSuspectedNext && _received.Count == 0))
        {
            await ExclusivePassAsync(stop);
        }
        else if (_exclusive.TryBeginFetch(Leases, has: _received.Count > 0))
        {
            try
            {
                await FetchAndStartAsync(Math.Min(allowed, _options.BatchSize), stop);
            }
            finally
            {
                _exclusive.EndFetch();
            }
        }
        else
        {
            await Task.Delay(WhileWaiting, _time, stop);
        }
    }

    /// <summary>Lets what runs finish within the grace time and gives the rest back. Nothing of it counts as a delivery.</summary>
    public async Task StopAsync()
    {
        var finished = _finished;
        await UntilEndedAsync(_options.ShutdownGrace);
        Leases.Abandon();
        _context.Settler.GiveUp();
        // Cancelled work is released by its executor, which takes a moment. A host that grants a short grace time grants a short moment too.
        await UntilEndedAsync(TimeSpan.FromSeconds(Math.Clamp(_options.ShutdownGrace.TotalSeconds / 4, 1, 5)));

        var released = 0;
        var rest = Leases.Running.Where(lease => !lease.IsLost).Select(lease => lease.Delivery).ToList();
        try
        {
            released = await _source.ReleaseLostAsync(CancellationToken.None) + rest.Count;
            foreach (var chunk in rest.Chunk(200))
                await Group.ReleaseAsync(chunk, CancellationToken.None);
            await Group.UnregisterAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            // A stop is not the time to fail: what could not be given back is reclaimed when its lease has run out.
            Log.ReleaseFailed(_logger, Stream.Keys.Stream!, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
        }

        Log.Stopped(_logger, Group.Consumer, Stream.Keys.Stream!, _finished - finished, released);
    }

    public async ValueTask DisposeAsync()
    {
        _exclusive.Leave(Leases);
        await _context.Settler.DisposeAsync();
        await Group.DisposeAsync();
        Leases.Dispose();
        _slots.Dispose();
    }

    private async Task UntilEndedAsync(TimeSpan timeout)
    {
        var started = _time.GetTimestamp();
        while (Leases.Count > _received.Count && _time.GetElapsedTime(started) < timeout)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time);
    }

    // A suspect is fetched when nothing else runs in this process, and nothing else is until it has ended.
    private async Task ExclusivePassAsync(CancellationToken stop)
    {
        if (_alone && Leases.Count == 0)
        {
            _alone = false;
            _exclusive.End(Leases);
        }
        else if (_alone ? _received.Count > 0 : _exclusive.TryBegin(Leases))
        {
            _alone = true;
            await FetchAndStartAsync(1, stop);
        }
        else
        {
            await Task.Delay(WhileWaiting, _time, stop);
        }
    }

    private async Task FetchAndStartAsync(int most, CancellationToken stop)
    {
        var free = await _slots.TakeAsync(most, trial: _circuit.IsOpen, stop);
        if (free == 0)
            return;
        try
        {
            // Before and after: this process may stand still at any moment, and a read takes a while.
            if (!await Name.EnsureAsync(stop))
                return;
            if (_received.Count == 0)
                await ReceiveAsync(free, stop);
            if (stop.IsCancellationRequested || _received.Count == 0 || !await Name.EnsureAsync(stop))
                return;
            free -= await StartAsync(free, stop);
        }
        finally
        {
            _slots.Release(free);
        }
    }

    private async Task ReceiveAsync(int free, CancellationToken stop)
    {
        try
        {
            _received.AddRange(_alone ? await _source.FetchSuspectedPoisonAsync(stop) : await _source.FetchAsync(free, stop));
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            // Somebody deleted the stream, or a replica without it took over. From the beginning: ids tell what is done.
            await _guard.EnsureGroupAsync(Stream.Keys, stop);
        }
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
        // Many beside the loop, which reads on meanwhile; one alone at once: it takes no longer than another thread to wake.
        if (leases.Length > 1)
            _ = Task.Run(Execute, CancellationToken.None);
        else
            Execute();
        return leases.Length;

        void Execute()
        {
            for (var i = 0; i < leases.Length; i++)
                _ = ExecuteAsync(leases[i], processed[i]);
        }
    }

    private async Task ExecuteAsync(Lease lease, bool processed)
    {
        try
        {
            if (await _executor.ExecuteAsync(lease, processed, _context))
                Interlocked.Increment(ref _written);
        }
        finally
        {
            Interlocked.Increment(ref _finished);
            Leases.Remove(lease);
            lease.Dispose();
            _slots.Release(1);
        }
    }

    private void Drop(Lease lease)
    {
        _received.Remove(lease);
        Leases.Remove(lease);
        lease.Dispose();
    }
}
