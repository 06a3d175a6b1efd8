namespace EmailIngestion.Consuming;

/// <summary>
/// Lets one partition of this process run a suspect alone: the others fetch nothing until it has ended, and it begins when nothing else runs.
/// </summary>
internal sealed class ExclusiveRuns
{
    private readonly Lock _gate = new();
    private readonly List<LeaseRenewer> _partitions = [];
    private LeaseRenewer? _alone;
    private int _fetching;

    public void Join(LeaseRenewer partition)
    {
        lock (_gate)
            _partitions.Add(partition);
    }

    public void Leave(LeaseRenewer partition)
    {
        lock (_gate)
        {
            _partitions.Remove(partition);
            if (_alone == partition)
                _alone = null;
        }
    }

    /// <summary>
    /// Whether a partition may fetch now, or start what it <paramref name="has"/> received; if so it says by <see cref="EndFetch"/> when it
    /// has. What is received must come to its end, or nobody could ever be alone.
    /// </summary>
    public bool TryBeginFetch(LeaseRenewer partition, bool has)
    {
        lock (_gate)
        {
            if (_alone is not null && _alone != partition && !has)
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

    /// <summary>Asks to be alone, again until it is true. From the first time on nobody else fetches.</summary>
    public bool TryBegin(LeaseRenewer partition)
    {
        lock (_gate)
        {
            if (_alone is not null && _alone != partition)
                return false;
            _alone = partition;
            return _fetching == 0 && _partitions.TrueForAll(member => member.Count == 0);
        }
    }

    public void End(LeaseRenewer partition)
    {
        lock (_gate)
        {
            if (_alone == partition)
                _alone = null;
        }
    }
}
