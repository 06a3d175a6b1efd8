using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>Starts the received deliveries of one partition in free slots, and counts those that have ended.</summary>
internal sealed class DeliveryStarter(DeliveryExecutor executor, Membership member, Settler settler, Slots slots)
{
    // Deliveries stay here when Redis becomes unreachable between their read and their start.
    private readonly List<Lease> _received = [];
    private int _finished;
    private int _written;

    /// <summary>The number of deliveries that are received and not started.</summary>
    public int Received => _received.Count;

    /// <summary>The number of deliveries that have ended.</summary>
    public int Finished => Volatile.Read(ref _finished);

    /// <summary>The number of outcomes written to Redis. Lost leases and refused outcomes are not counted.</summary>
    public int Written => Volatile.Read(ref _written);

    public void Add(IReadOnlyList<Lease> received) => _received.AddRange(received);

    /// <summary>Starts up to <paramref name="free"/> received deliveries.</summary>
    /// <returns>The number of deliveries started. Each one releases its slot when it ends.</returns>
    public async Task<int> StartAsync(int free, CancellationToken stop)
    {
        foreach (var lost in _received.Where(lease => lease.IsLost).ToArray())
            Discard(lost);
        Lease[] starting = [.. _received.Take(free)];
        if (starting.Length == 0)
            return 0;
        var processed = await member.Group.AreProcessedAsync([.. starting.Select(lease => lease.Delivery)], stop);
        _received.RemoveRange(0, starting.Length);
        // Several deliveries run on another thread while the loop continues to read. A single one runs here: waking a thread takes as long.
        if (starting.Length > 1)
            _ = Task.Run(Execute, CancellationToken.None);
        else
            Execute();
        return starting.Length;

        void Execute()
        {
            for (var i = 0; i < starting.Length; i++)
                _ = ExecuteAsync(starting[i], processed[i]);
        }
    }

    /// <summary>Ends the leases of the received deliveries, and returns those that this consumer still owns.</summary>
    public IReadOnlyList<Delivery> TakeReceived()
    {
        if (_received.Count == 0)
            return [];
        Delivery[] owned = [.. _received.Where(lease => !lease.IsLost).Select(lease => lease.Delivery)];
        foreach (var lease in _received.ToArray())
            Discard(lease);
        return owned;
    }

    private async Task ExecuteAsync(Lease lease, bool processed)
    {
        try
        {
            if (await executor.ExecuteAsync(lease, processed, settler))
                Interlocked.Increment(ref _written);
        }
        finally
        {
            Interlocked.Increment(ref _finished);
            member.Leases.Remove(lease);
            lease.Dispose();
            slots.Release(1);
        }
    }

    private void Discard(Lease lease)
    {
        _received.Remove(lease);
        member.Leases.Remove(lease);
        lease.Dispose();
    }
}
