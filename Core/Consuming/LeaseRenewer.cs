using System.Collections.Concurrent;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>Keeps the leases of running deliveries, however long processing takes, and cancels what is no longer ours.</summary>
internal sealed class LeaseRenewer(ConsumerGroup group)
{
    private const int Batch = 200;

    private readonly ConcurrentDictionary<string, Lease> _running = new(StringComparer.Ordinal);

    public int Count => _running.Count;

    public IReadOnlyList<Lease> Running => [.. _running.Values];

    /// <summary>Whether this very delivery is in work already: a failover may have lost its handing-out, and then it comes once more.</summary>
    public bool Has(Delivery delivery) => _running.TryGetValue(delivery.Entry, out var lease) && lease.Delivery.Number == delivery.Number;

    public void Add(Lease lease) => _running[lease.Delivery.Entry] = lease;

    public void Remove(Lease lease) => _running.TryRemove(KeyValuePair.Create(lease.Delivery.Entry, lease));

    /// <summary>One pass. While Redis is away it fails, and leases run out by themselves.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        foreach (var leases in _running.Values.Chunk(Batch))
        {
            var ours = await group.RenewAsync([.. leases.Select(lease => lease.Delivery)], cancellationToken);
            for (var i = 0; i < leases.Length; i++)
            {
                // One that was settled while we asked is gone from the table: it is not lost.
                if (!_running.ContainsKey(leases[i].Delivery.Entry))
                    continue;
                if (ours[i])
                    leases[i].Renew();
                else
                    leases[i].Lose();
            }
        }
    }
}
