namespace EmailIngestion.Consuming;

/// <summary>
/// Gives one partition of this process an exclusive run for a suspected poison message. The other partitions fetch nothing until the run
/// has ended, and the run starts when nothing else is running.
/// </summary>
internal sealed class ExclusiveRuns
{
    private readonly Lock _gate = new();
    private readonly List<LeaseRenewer> _partitions = [];
    private LeaseRenewer? _owner;
    private int _fetching;

    public void Register(LeaseRenewer partition)
    {
        lock (_gate)
            _partitions.Add(partition);
    }

    public void Unregister(LeaseRenewer partition)
    {
        lock (_gate)
        {
            _partitions.Remove(partition);
            if (_owner == partition)
                _owner = null;
        }
    }

    /// <summary>
    /// Allows a partition to fetch now, or to start received deliveries. After a true result the partition calls <see cref="EndFetch"/>.
    /// Received deliveries are always allowed to start: until they end, no exclusive run can begin.
    /// </summary>
    /// <param name="partition">The partition that asks.</param>
    /// <param name="hasReceived">Whether it has received deliveries that have not started.</param>
    public bool TryBeginFetch(LeaseRenewer partition, bool hasReceived)
    {
        lock (_gate)
        {
            if (_owner is not null && _owner != partition && !hasReceived)
                return false;
            _fetching++;
            return true;
        }
    }

    public void EndFetch()
    {
        lock (_gate)
            _fetching--;
    }

    /// <summary>
    /// Requests the exclusive run. The partition repeats the call until the result is true. After the first call that reserves the run, no
    /// other partition fetches.
    /// </summary>
    public bool TryBegin(LeaseRenewer partition)
    {
        lock (_gate)
        {
            if (_owner is not null && _owner != partition)
                return false;
            _owner = partition;
            return _fetching == 0 && _partitions.TrueForAll(member => member.Count == 0);
        }
    }

    public void End(LeaseRenewer partition)
    {
        lock (_gate)
        {
            if (_owner == partition)
                _owner = null;
        }
    }
}
