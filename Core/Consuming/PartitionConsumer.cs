using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EmailIngestion.Consuming;

/// <summary>
/// Consumes one partition: fetches deliveries for free slots and starts them. A suspected poison message gets an exclusive run.
/// </summary>
internal sealed class PartitionConsumer : IAsyncDisposable
{
    // How often to check whether running deliveries have ended.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly ConsumerOptions _options;
    private readonly DeliveryExecutor _executor;
    private readonly Circuit _circuit;
    private readonly ExclusiveRuns _exclusiveRuns;
    private readonly StreamGuard _guard;
    private readonly TimeProvider _time;
    private readonly Settler _settler;
    private readonly DeliverySource _source;
    private readonly Slots _slots;
    private readonly DeliveryStarter _starter;
    private readonly ConsumerDrain _drain;
    private bool _exclusive;

    public PartitionConsumer(
        ConsumerGroup group,
        Settler settler,
        StreamPartition partition,
        ConsumerOptions options,
        DeliveryExecutor executor,
        Circuit circuit,
        ExclusiveRuns exclusiveRuns,
        IngestionMetrics metrics,
        StreamGuard guard,
        TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _executor = executor;
        _circuit = circuit;
        _exclusiveRuns = exclusiveRuns;
        _guard = guard;
        _time = time;
        _settler = settler;
        _slots = new Slots(options.Concurrency);
        Group = group;
        Name = new NameClaim(group, time);
        Leases = new LeaseRenewer(group, options.Lease, time);
        Stream = partition.Stream;
        _source = new DeliverySource(group.Reader, Leases, circuit, metrics, options, time, logger);
        _starter = new DeliveryStarter(executor, group, settler, Leases, _slots);
        _drain = new ConsumerDrain(group, settler, Leases, _source, _starter, options, time, logger);
        exclusiveRuns.Register(Leases);
    }

    public ConsumerGroup Group { get; }

    public NameClaim Name { get; }

    public EmailStream Stream { get; }

    public LeaseRenewer Leases { get; }

    /// <summary>The number of deliveries that have ended in this consumer.</summary>
    public int Finished => _starter.Finished;

    /// <summary>The number of outcomes written to Redis. Lost leases and refused outcomes are not counted.</summary>
    public int Written => _starter.Written;

    /// <summary>Runs one pass: waits for free slots, fetches deliveries for them, starts the deliveries.</summary>
    public async Task PassAsync(CancellationToken stop)
    {
        var (allowed, wait) = _executor.MayRead() ? _circuit.Allowance() : (0, MaxWait);
        if (allowed == 0)
        {
            // The wait is short: the circuit may close earlier, and the loop must report its heartbeat.
            await Task.Delay(wait < MaxWait ? wait : MaxWait, _time, stop);
        }
        else if (_exclusive || (_source.PoisonSuspectedNext && _starter.Received == 0))
        {
            await ExclusivePassAsync(stop);
        }
        else if (_exclusiveRuns.TryBeginFetch(Leases, hasReceived: _starter.Received > 0))
        {
            try
            {
                await FetchAndStartAsync(Math.Min(allowed, _options.BatchSize), stop);
            }
            finally
            {
                _exclusiveRuns.EndFetch();
            }
        }
        else
        {
            await Task.Delay(PollInterval, _time, stop);
        }
    }

    /// <summary>Waits for running deliveries and releases the rest. Released deliveries are not counted.</summary>
    public Task StopAsync() => _drain.RunAsync();

    public async ValueTask DisposeAsync()
    {
        _exclusiveRuns.Unregister(Leases);
        await _settler.DisposeAsync();
        await Group.DisposeAsync();
        Leases.Dispose();
        _slots.Dispose();
    }

    // Fetches a suspected poison message when nothing else runs in this process. Nothing else is fetched until it has ended.
    private async Task ExclusivePassAsync(CancellationToken stop)
    {
        if (_exclusive && Leases.Count == 0)
        {
            _exclusive = false;
            _exclusiveRuns.End(Leases);
        }
        else if (_exclusive ? _starter.Received > 0 : _exclusiveRuns.TryBegin(Leases))
        {
            _exclusive = true;
            await FetchAndStartAsync(1, stop);
        }
        else
        {
            await Task.Delay(PollInterval, _time, stop);
        }
    }

    private async Task FetchAndStartAsync(int most, CancellationToken stop)
    {
        var free = await _slots.TakeAsync(most, trial: _circuit.IsOpen, stop);
        if (free == 0)
            return;
        try
        {
            // The name is checked before and after the read: the read takes time, and the process may be suspended at any moment.
            if (!await Name.EnsureAsync(stop))
                return;
            if (_starter.Received == 0)
                await ReceiveAsync(free, stop);
            if (stop.IsCancellationRequested || _starter.Received == 0 || !await Name.EnsureAsync(stop))
                return;
            free -= await _starter.StartAsync(free, stop);
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
            _starter.Add(_exclusive ? await _source.FetchSuspectedPoisonAsync(stop) : await _source.FetchAsync(free, stop));
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            // The stream was deleted, or a replica without it took over. The new group reads from the beginning; the processed ids tell
            // which emails are done.
            await _guard.EnsureGroupAsync(Stream.Keys, stop);
        }
    }
}
