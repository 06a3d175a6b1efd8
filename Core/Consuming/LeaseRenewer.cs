using System.Collections.Concurrent;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>Renews the leases of running deliveries, however long processing takes, and cancels deliveries whose lease is lost.</summary>
internal sealed class LeaseRenewer : IDisposable
{
    private const int Batch = 200;

    private readonly ConsumerGroup _group;
    private readonly TimeSpan _life;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Lease> _running = new(StringComparer.Ordinal);

    // One timer for all leases: a timer for each one would be a large part of the cost of a short delivery. It is independent of the
    // renewals, which may be waiting for Redis.
    private readonly ITimer _check;

    /// <param name="group">The group of the deliveries.</param>
    /// <param name="life">The duration of a lease. Leases are checked every twentieth of it.</param>
    /// <param name="time">The clock.</param>
    public LeaseRenewer(ConsumerGroup group, TimeSpan life, TimeProvider time)
    {
        _group = group;
        _life = life;
        _time = time;
        _check = time.CreateTimer(_ => Check(), null, life / 20, life / 20);
    }

    public int Count => _running.Count;

    public IReadOnlyList<Lease> Running => [.. _running.Values];

    /// <summary>
    /// Begins the leases of deliveries that were fetched. It skips a delivery that is running already: after a failover Redis may have lost
    /// the read, and delivers the entry with the same delivery count again.
    /// </summary>
    /// <param name="deliveries">The deliveries.</param>
    /// <param name="budget">The budget that is charged for their bytes.</param>
    /// <param name="since">When Redis was asked for them, as a timestamp of the clock. Null: now.</param>
    public IReadOnlyList<Lease> Begin(IReadOnlyList<Delivery> deliveries, ByteBudget budget, long? since = null)
    {
        var begun = new List<Lease>(deliveries.Count);
        since ??= _time.GetTimestamp();
        foreach (var delivery in deliveries)
        {
            if (_running.TryGetValue(delivery.EntryId, out var lease) && lease.Delivery.DeliveryCount == delivery.DeliveryCount)
                continue;
            lease = new Lease(delivery, _life, _time, budget, since);
            Add(lease);
            begun.Add(lease);
        }

        return begun;
    }

    /// <summary>
    /// Adds a lease. A lease of the same entry that it replaces is lost, since nothing renews it any more. That happens when the group was
    /// created again and delivers the entry with delivery count 1.
    /// </summary>
    public void Add(Lease lease)
    {
        if (_running.TryGetValue(lease.Delivery.EntryId, out var before))
            before.Lose();
        _running[lease.Delivery.EntryId] = lease;
    }

    public void Remove(Lease lease) => _running.TryRemove(KeyValuePair.Create(lease.Delivery.EntryId, lease));

    /// <summary>Renews all leases once. It throws while Redis is unreachable; the leases then expire by the local clock.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        foreach (var leases in _running.Values.Chunk(Batch))
        {
            var asked = _time.GetTimestamp();
            var renewed = await _group.RenewAsync([.. leases.Select(lease => lease.Delivery)], cancellationToken);
            for (var i = 0; i < leases.Length; i++)
            {
                // A delivery that was settled during the call is no longer in the table. Its lease is not lost.
                if (!_running.ContainsKey(leases[i].Delivery.EntryId))
                    continue;
                if (renewed[i])
                    leases[i].Renew(asked);
                else
                    leases[i].Lose();
            }
        }
    }

    /// <summary>Stops all running deliveries.</summary>
    public void Abandon()
    {
        foreach (var lease in _running.Values)
            lease.Abandon();
    }

    public void Dispose() => _check.Dispose();

    private void Check()
    {
        foreach (var (_, lease) in _running)
            lease.Check();
    }
}
