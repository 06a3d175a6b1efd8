using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Consuming;

/// <summary>
/// Consumes one partition: fetches deliveries for free slots and starts them. A suspected poison message gets an exclusive run. It owns
/// the membership and the settler.
/// </summary>
internal sealed class PartitionConsumer : IAsyncDisposable
{
    // How often to check whether running deliveries have ended.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    // A pause is obeyed within two seconds. Its end is noticed by the state that is read once a second.
    private static readonly TimeSpan PausedInterval = TimeSpan.FromMilliseconds(200);

    private readonly Membership _member;
    private readonly DeliverySource _source;
    private readonly DeliveryExecutor _executor;
    private readonly Settler _settler;
    private readonly ExclusiveRuns _exclusiveRuns;
    private readonly ConsumerOptions _options;
    private readonly TimeProvider _time;
    private readonly Slots _slots;
    private readonly DeliveryStarter _starter;
    private bool _exclusive;

    public PartitionConsumer(
        Membership member,
        DeliverySource source,
        DeliveryExecutor executor,
        Settler settler,
        ExclusiveRuns exclusiveRuns,
        ConsumerOptions options,
        TimeProvider time)
    {
        _member = member;
        _source = source;
        _executor = executor;
        _settler = settler;
        _exclusiveRuns = exclusiveRuns;
        _options = options;
        _time = time;
        _slots = new Slots(options.Concurrency);
        _starter = new DeliveryStarter(executor, member, settler, _slots);
        exclusiveRuns.Register(member.Leases);
    }

    /// <summary>The number of deliveries that are received and not started.</summary>
    public int Received => _starter.Received;

    /// <summary>The number of deliveries that are received or running.</summary>
    public int InHand => _member.Leases.Count;

    /// <summary>The number of deliveries that have ended in this consumer.</summary>
    public int Finished => _starter.Finished;

    /// <summary>The number of deliveries that may run at the same time.</summary>
    public int Concurrency => _slots.Count;

    /// <summary>Whether somebody has paused the consumers of the partition.</summary>
    public bool IsPaused => _member.Control.Current.ConsumersPause is not null;

    /// <summary>The number of outcomes written to Redis. Lost leases and refused outcomes are not counted.</summary>
    public int Written => _starter.Written;

    /// <summary>Runs one pass: waits for free slots, fetches deliveries for them, starts the deliveries.</summary>
    public async Task PassAsync(CancellationToken stop)
    {
        ApplyConcurrency();
        if (IsPaused)
        {
            await PausedPassAsync(stop);
            return;
        }

        var allowance = _executor.Allowance();
        if (allowance.Count == 0)
        {
            await Task.Delay(allowance.Wait, _time, stop);
        }
        else if (_exclusive || (_source.PoisonSuspectedNext && _starter.Received == 0))
        {
            await ExclusivePassAsync(allowance, stop);
        }
        else if (_exclusiveRuns.TryBeginFetch(_member.Leases, hasReceived: _starter.Received > 0))
        {
            try
            {
                await FetchAndStartAsync(allowance with { Count = Math.Min(allowance.Count, _options.BatchSize) }, stop);
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

    public async ValueTask DisposeAsync()
    {
        _exclusiveRuns.Unregister(_member.Leases);
        await _settler.DisposeAsync();
        await _member.DisposeAsync();
        _slots.Dispose();
    }

    // Fetches a suspected poison message when nothing else runs in this process. Nothing else is fetched until it has ended.
    private async Task ExclusivePassAsync(ReadAllowance allowance, CancellationToken stop)
    {
        if (_exclusive && _member.Leases.Count == 0)
        {
            _exclusive = false;
            _exclusiveRuns.End(_member.Leases);
        }
        else if (_exclusive ? _starter.Received > 0 : _exclusiveRuns.TryBegin(_member.Leases))
        {
            _exclusive = true;
            await FetchAndStartAsync(allowance with { Count = 1 }, stop);
        }
        else
        {
            await Task.Delay(PollInterval, _time, stop);
        }
    }

    // Nothing is read or started; what runs ends normally.
    private async Task PausedPassAsync(CancellationToken stop)
    {
        await ReleaseReceivedAsync();
        if (_member.Leases.Count == 0)
            _exclusive = false;
        // The other partitions of this process are not paused with this one.
        if (!_exclusive)
            _exclusiveRuns.End(_member.Leases);
        await Task.Delay(PausedInterval, _time, stop);
    }

    // Uncounted. They come back after the pause.
    private async Task ReleaseReceivedAsync()
    {
        if (_starter.TakeReceived() is { Count: > 0 } received)
            await _settler.ReleaseAsync(received);
    }

    // Running deliveries continue when there are fewer slots.
    private void ApplyConcurrency() => _slots.Resize(_member.Control.Current.Concurrency?.Value ?? _options.Concurrency);

    private async Task FetchAndStartAsync(ReadAllowance allowance, CancellationToken stop)
    {
        var free = await _slots.TakeAsync(allowance.Count, allowance.IsTrial, stop);
        if (free == 0)
            return;
        try
        {
            // The name is checked before and after the read: the read takes time, and the process may be suspended at any moment.
            if (!await _member.Name.EnsureAsync(stop))
                return;
            if (_starter.Received == 0)
                await ReceiveAsync(free, allowance.IsTesting, stop);
            // The read may have waited for seconds.
            if (IsPaused)
            {
                await ReleaseReceivedAsync();
                return;
            }

            ApplyConcurrency();
            // The extra slot of a trial is none of their number.
            free -= allowance.IsTrial ? 0 : _slots.GiveUp(free);
            if (free == 0 || stop.IsCancellationRequested || _starter.Received == 0 || !await _member.Name.EnsureAsync(stop))
                return;
            free -= await _starter.StartAsync(free, stop);
        }
        finally
        {
            _slots.Release(free);
        }
    }

    private async Task ReceiveAsync(int free, bool testing, CancellationToken stop)
    {
        try
        {
            _starter.Add(_exclusive ? await _source.FetchSuspectedPoisonAsync(stop) : await _source.FetchAsync(free, testing, stop));
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            // The stream was deleted, or a replica without it took over. The new group reads from the beginning; the processed ids tell
            // which emails are done.
            await _member.Stream.EnsureGroupAsync(stop);
        }
    }
}
