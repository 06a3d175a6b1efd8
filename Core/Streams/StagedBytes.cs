namespace EmailIngestion.Streams;

/// <summary>
/// Limits the bodies that this process writes to Redis in pieces at a time: none is in the stream yet, so the stream limit does not see
/// them. One is always admitted, others while all of them fit.
/// </summary>
internal sealed class StagedBytes
{
    private readonly Lock _gate = new();
    private readonly HashSet<Share> _shares = [];

    /// <summary>Admits a body; null when it must wait.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="free">The memory of Redis that is free for bodies now. What the others have written is missing in it already.</param>
    public Share? TryAdd(long bytes, long free)
    {
        lock (_gate)
        {
            if (_shares.Count > 0 && _shares.Sum(share => share.Bytes) > free - bytes)
                return null;
            var added = new Share(this, bytes) { HadOthers = _shares.Count > 0 };
            foreach (var other in _shares)
                other.HadOthers = true;
            _shares.Add(added);
            return added;
        }
    }

    private void Remove(Share share)
    {
        lock (_gate)
            _shares.Remove(share);
    }

    /// <summary>The room of one body, until it is appended or deleted.</summary>
    internal sealed class Share(StagedBytes staged, long bytes) : IDisposable
    {
        public long Bytes => bytes;

        /// <summary>Whether another body was written at the same time. It may have taken the memory that this one needs.</summary>
        public bool HadOthers { get; set; }

        public void Dispose() => staged.Remove(this);
    }
}
