namespace EmailIngestion.Telemetry;

/// <summary>What this process has done in one partition since it was last taken: counts and latencies.</summary>
internal sealed class PartitionActivity
{
    private long _appended;
    private long _settled;
    private long _deadLettered;

    /// <summary>From the append to the start of processing.</summary>
    public LatencyCounts QueueWait { get; } = new();

    /// <summary>The time in the processor.</summary>
    public LatencyCounts Processing { get; } = new();

    public void Add(long appended, long settled, long deadLettered)
    {
        Interlocked.Add(ref _appended, appended);
        Interlocked.Add(ref _settled, settled);
        Interlocked.Add(ref _deadLettered, deadLettered);
    }

    /// <summary>Takes all of it, which starts again at 0.</summary>
    public TakenActivity Take() => new(
        Interlocked.Exchange(ref _appended, 0), Interlocked.Exchange(ref _settled, 0), Interlocked.Exchange(ref _deadLettered, 0),
        QueueWait.Take(), Processing.Take());

    /// <summary>Adds again what could not be written.</summary>
    public void Return(TakenActivity taken)
    {
        Add(taken.Appended, taken.Settled, taken.DeadLettered);
        foreach (var (bucket, count) in taken.QueueWait)
            QueueWait.Add(bucket, count);
        foreach (var (bucket, count) in taken.Processing)
            Processing.Add(bucket, count);
    }
}
