using System.Collections.Concurrent;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>Keeps the leases of running deliveries, however long processing takes, and cancels what is no longer ours.</summary>
internal sealed class LeaseRenewer : IDisposable
{
    private const int Batch = 200;

    private readonly ConsumerGroup _group;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Lease> _running = new(StringComparer.Ordinal);

    // One for all leases, since a timer for each is a good part of what a short delivery costs. Beside the renewals, which may be waiting for Redis.
    private readonly ITimer _check;

    /// <param name="group">Where the deliveries are from.</param>
    /// <param name="life">Of a lease: looked after often enough that none is found out of date by more than a twentieth.</param>
    /// <param name="time">The clock.</param>
    public LeaseRenewer(ConsumerGroup group, TimeSpan life, TimeProvider time)
    {
        _group = group;
        _time = time;
        _check = time.CreateTimer(_ => Check(), null, life / 20, life / 20);
    }

    public int Count => _running.Count;

    public IReadOnlyList<Lease> Running => [.. _running.Values];

    /// <summary>Whether this very delivery is in work already: a failover may have lost its handing-out, and then it comes once more.</summary>
    public bool Has(Delivery delivery) => _running.TryGetValue(delivery.EntryId, out var lease) && lease.Delivery.DeliveryCount == delivery.DeliveryCount;

    /// <summary>One that it takes the place of (the group was made anew, and hands the entry out from number 1) is lost: nobody would look after it.</summary>
    public void Add(Lease lease)
    {
        if (_running.TryGetValue(lease.Delivery.EntryId, out var before))
            before.Lose();
        _running[lease.Delivery.EntryId] = lease;
    }

    public void Remove(Lease lease) => _running.TryRemove(KeyValuePair.Create(lease.Delivery.EntryId, lease));

    /// <summary>One pass. While Redis is away it fails, and leases run out by themselves.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        foreach (var leases in _running.Values.Chunk(Batch))
        {
            var asked = _time.GetTimestamp();
            var ours = await _group.RenewAsync([.. leases.Select(lease => lease.Delivery)], cancellationToken);
            for (var i = 0; i < leases.Length; i++)
            {
                // One that was settled while we asked is gone from the table: it is not lost.
                if (!_running.ContainsKey(leases[i].Delivery.EntryId))
                    continue;
                if (ours[i])
                    leases[i].Renew(asked);
                else
                    leases[i].Lose();
            }
        }
    }

    /// <summary>Stops all that runs.</summary>
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
